import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  createPostgresArchive,
  createPostgresArchiveReader,
  migrate,
  openPglite,
} from "@signalpath/adapter-postgres";
import { ALL_SIGNALS, subjects } from "@signalpath/contracts";
import { userKey, type SignalEvent } from "@signalpath/domain";
import {
  BusFullError,
  createMemoryArchive,
  createMemoryBus,
  RefusedError,
  UnavailableError,
  type Archive,
  type Bus,
  type Delivery,
} from "@signalpath/ports";
import { sha256 } from "@signalpath/ports/contract-suites";
import { expect, onTestFinished, test, vi } from "vitest";

import { createArchiveBus, type ArchiveBusOptions } from "./archive-bus.ts";

type Log = Pick<ArchiveBusOptions, "archive" | "reader">;
const spec = { filter: ALL_SIGNALS, durable: "updater" };
const never = new Promise<never>(() => undefined);

function event(n: number, rest: Partial<SignalEvent> = {}): SignalEvent {
  const time = new Date(Date.now() - 60_000 + n).toISOString();
  return {
    event_id: `e${n}`,
    project_id: 1,
    user_id: "u1",
    kind: "feedback",
    occurred_at: time,
    received_at: time,
    item_id: "i1",
    reaction: "like",
    ...rest,
  };
}

function open(log: Log, options: Partial<ArchiveBusOptions> = {}): Bus {
  const onError = (): void => undefined;
  const control = createMemoryBus({ now: Date.now, onError });
  const bus = createArchiveBus({ ...log, control, now: Date.now, onError, ...options });
  onTestFinished(() => bus.close());
  return bus;
}

const idsOf = (got: readonly Delivery[]): string[] =>
  got.map(({ body }) => (JSON.parse(body) as SignalEvent).event_id);

/** A process that ended: its handlers never answer, nothing of it is closed or saved any more. */
function openDoomed(log: Log): Bus {
  const onError = (): void => undefined;
  const control = createMemoryBus({ now: Date.now, onError });
  const reader = { ...log.reader, saveOffset: async () => never };
  return createArchiveBus({ archive: log.archive, reader, control, now: Date.now, onError });
}

async function dieBeforeHandling(log: Log): Promise<void> {
  const doomed = openDoomed(log);
  const taken: Delivery[] = [];
  await doomed.consume(spec, async (batch) => {
    taken.push(...batch);
    return never;
  });
  for (const n of [1, 2, 3]) await doomed.publish(subjects.tipFeedback, event(n));
  await vi.waitFor(() => expect(taken.length).toBeGreaterThan(0));
}

async function resume(log: Log): Promise<void> {
  const got: Delivery[] = [];
  await open(log).consume(spec, async (batch) => void got.push(...batch));
  await vi.waitFor(() => expect(idsOf(got)).toEqual(["e1", "e2", "e3"]));
}

test("what was acknowledged reaches its consumer after the process died before handling it", async () => {
  const log = createMemoryArchive({ sha256, now: Date.now });
  await dieBeforeHandling(log);
  await resume(log);
});

test("the same on the embedded database, opened anew", async () => {
  const dir = await mkdtemp(join(tmpdir(), "signalpath-bus-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const openLog = async (): Promise<Log & { close(): Promise<void> }> => {
    const database = await openPglite(join(dir, "db"));
    const { db } = database;
    await migrate(db);
    const archive = createPostgresArchive(db, { sha256, now: Date.now });
    return { archive, reader: createPostgresArchiveReader(db), close: () => database.close() };
  };
  const before = await openLog();
  await dieBeforeHandling(before);
  await before.close();
  const after = await openLog();
  onTestFinished(() => after.close());
  await resume(after);
});

test("a commit whose answer was lost is delivered, and its retry is a duplicate", async () => {
  const log = createMemoryArchive({ sha256, now: Date.now });
  let isLost = true;
  const put: Archive["put"] = async (events) => {
    const result = await log.archive.put(events);
    if (!isLost) return result;
    isLost = false;
    throw new UnavailableError("postgres", "connection reset");
  };
  const bus = open({ ...log, archive: { ...log.archive, put } });
  const got: Delivery[] = [];
  await bus.consume(spec, async (batch) => void got.push(...batch));
  await expect(bus.publish(subjects.tipFeedback, event(1))).rejects.toThrow(UnavailableError);
  await vi.waitFor(() => expect(idsOf(got)).toEqual(["e1"]));
  expect(await bus.publish(subjects.tipFeedback, event(1))).toEqual({ duplicate: true });
  expect(await bus.publish(subjects.tipFeedback, event(2))).toEqual({ duplicate: false });
  await vi.waitFor(() => expect(idsOf(got)).toEqual(["e1", "e2"]));
});

test("the offset is saved while the bus runs, and a restart goes on behind it", async () => {
  const log = createMemoryArchive({ sha256, now: Date.now });
  const first = openDoomed({ ...log, reader: log.reader });
  const saving = open(log);
  await saving.consume(spec, async () => undefined);
  for (const n of [1, 2]) await saving.publish(subjects.tipFeedback, event(n));
  await vi.waitFor(async () => expect(await log.reader.offset("updater")).toBe(2), {
    timeout: 30_000,
  });
  await first.publish(subjects.tipFeedback, event(3));
  const got: Delivery[] = [];
  await open(log).consume(spec, async (batch) => void got.push(...batch));
  await vi.waitFor(() => expect(idsOf(got)).toEqual(["e3"]));
});

test("an offset never passes a delivery that waits for its retry", async () => {
  const log = createMemoryArchive({ sha256, now: Date.now });
  const bus = open(log);
  const got: string[] = [];
  await bus.consume({ ...spec, maxBatch: 1 }, async ([one]) => {
    got.push(...idsOf(one === undefined ? [] : [one]));
    return [got.at(-1) === "e2" ? { retryInMs: 3_600_000 } : "ack"];
  });
  for (const n of [1, 2, 3, 4]) await bus.publish(subjects.tipFeedback, event(n));
  await vi.waitFor(() => expect(got).toEqual(["e1", "e2", "e3", "e4"]));
  await bus.close();
  expect(await log.reader.offset("updater")).toBe(1);
});

test("what is published together is one commit; a row that never fits stands alone", async () => {
  const log = createMemoryArchive({ sha256, now: Date.now });
  const sizes: number[] = [];
  const put: Archive["put"] = async (events) => {
    sizes.push(events.length);
    if (events.some(({ event_id }) => event_id === "e7")) throw new RefusedError("out of range");
    return log.archive.put(events);
  };
  const bus = open({ ...log, archive: { ...log.archive, put } });
  const all = Array.from({ length: 16 }, (_, n) => bus.publish(subjects.tipFeedback, event(n)));
  const settled = await Promise.allSettled(all);
  expect(settled.map(({ status }) => status === "fulfilled")).toEqual(
    settled.map((_, n) => n !== 7),
  );
  expect(sizes).toEqual([16, 8, 4, 4, 2, 2, 1, 1, 8]);
  const known = await log.archive.known(1, ["e0", "e7", "e15"]);
  expect(known).toEqual(new Set(["e0", "e15"]));
});

/** A consumer that has caught up with the log, and from now on holds every delivery until `release`. */
async function holding(bus: Bus): Promise<{ got: Delivery[]; release: () => void }> {
  const got: Delivery[] = [];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = () => resolve()));
  onTestFinished(() => release());
  await bus.consume({ ...spec, maxBatch: 1 }, async (batch) => {
    if (idsOf(batch)[0]?.startsWith("warm") === true) return;
    got.push(...batch);
    await held;
  });
  // The first come from pages of the log, those after from its tail in memory.
  for (let n = 0; n < 4; n++) {
    await bus.publish(subjects.tipFeedback, event(0, { event_id: `warm${n}` }));
    await vi.waitFor(async () =>
      expect(await bus.lag(spec.durable, spec.filter)).toEqual({ pending: 0, ackPending: 0 }),
    );
  }
  return { got, release };
}

test("a consumer that does not keep up stops publishers before the commit", async () => {
  const log = createMemoryArchive({ sha256, now: Date.now });
  const bus = open(log, { maxUndelivered: 5 });
  const { release } = await holding(bus);
  for (const n of [1, 2, 3, 4, 5]) await bus.publish(subjects.tipFeedback, event(n));
  await vi.waitFor(() => expect(bus.check()).rejects.toThrow(BusFullError));
  await expect(bus.publish(subjects.tipFeedback, event(6))).rejects.toThrow(BusFullError);
  expect(await log.archive.known(1, ["e6"])).toEqual(new Set());
  release();
  await vi.waitFor(() => bus.publish(subjects.tipFeedback, event(6)));
});

test("what can never be stored is refused to the publisher", async () => {
  const log = createMemoryArchive({ sha256, now: Date.now });
  const bus = open(log);
  const old = new Date(Date.now() - 31 * 86_400_000).toISOString();
  for (const bad of [
    event(1, { occurred_at: old }),
    event(2, { user_id: undefined }),
    event(3, { impressions: Array.from({ length: 1_000 }, () => "é".repeat(199)) }),
    { nothing: 1 } as never,
  ]) {
    await expect(bus.publish(subjects.tipFeedback, bad)).rejects.toThrow(RefusedError);
  }
});

test("deliveries carry the archive's decision, until an erasure makes it doubtful", async () => {
  const log = createMemoryArchive({ sha256, now: Date.now });
  const bus = open(log);
  const { got, release } = await holding(bus);
  const link = { anonymous_id: "a1" };
  for (const n of [1, 2]) await bus.publish(subjects.tipFeedback, event(n, link));
  await vi.waitFor(() => expect(got).toHaveLength(1));
  await vi.waitFor(async () =>
    expect(await bus.lag(spec.durable, spec.filter)).toEqual({ pending: 1, ackPending: 1 }),
  );
  const user = userKey(sha256, 1, "user", "u1");
  const device = userKey(sha256, 1, "anonymous", "a1");
  expect(got[0]?.archived).toMatchObject({
    result: { status: "inserted", owner: user, event: { event_id: "e1" } },
    links: [{ projectId: 1, from: device, to: user }],
  });
  await log.archive.erase(1, user, Date.now());
  const erased = { project_id: 1, user_id: "u1", erased_at: new Date().toISOString() };
  await bus.publish(subjects.userErased, erased);
  expect(await bus.publish(subjects.tipFeedback, event(2))).toEqual({
    duplicate: false,
    refused: "USER_ERASED",
  });
  release();
  await vi.waitFor(() => expect(idsOf(got)).toEqual(["e1", "e2"]));
  expect(got[1]?.archived).toBeUndefined();
});
