import { subjects } from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";
import {
  countItemHours,
  createManualClock,
  type Bus,
  type Delivery,
  type ItemHour,
} from "@signalpath/ports";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createLiveItemCounts } from "./live-item-counts.ts";
import { createLogger } from "./logger.ts";

const PROJECT = 1;

/** A bus whose listeners hear at once what the test says. */
async function open(limits: { maxIds?: number; maxRows?: number } = {}) {
  const clock = createManualClock();
  const { now } = clock;
  const advance = (ms: number) => clock.advance(ms);
  const listeners = new Map<string, (message: Delivery) => void>();
  let reconnected = (): void => undefined;
  const bus: Pick<Bus, "hear" | "onReconnect"> = {
    async hear(filter, handler) {
      listeners.set(filter, handler);
      return { close: async () => void listeners.delete(filter) };
    },
    onReconnect: (listener) => {
      reconnected = listener;
      return () => undefined;
    },
  };
  const logger = createLogger({ service: "test", level: "silent" });
  const counts = createLiveItemCounts({ bus, now, logger, ...limits });
  await counts.start();
  const iso = (ms: number) => new Date(ms).toISOString();
  let serial = 0;
  return {
    counts,
    listeners,
    now,
    advance,
    reconnect: () => reconnected(),
    like(facts: Partial<SignalEvent> = {}): SignalEvent {
      advance(1);
      const base = { event_id: `e${++serial}`, project_id: PROJECT, user_id: "u", item_id: "a" };
      const at = { occurred_at: iso(now()), received_at: iso(now()) };
      return { ...base, kind: "feedback", reaction: "like", ...at, ...facts };
    },
    hear(event: SignalEvent): void {
      const { name } = event.kind === "viewed" ? subjects.contentViewed : subjects.tipFeedback;
      listeners.get(name)?.({
        subject: name,
        body: JSON.stringify(event),
        headers: {},
        publishedAtMs: now(),
        attempt: 1,
        sequence: 1,
      });
    },
    total: () => counts.rows(PROJECT).reduce((sum, { count }) => sum + count, 0),
    again: (event: SignalEvent): SignalEvent => ({ ...event, received_at: iso(now()) }),
    iso,
  };
}

describe("counts of what is heard", () => {
  it("are those of the archive: views, reactions, no bots, nothing without a class", async () => {
    const world = await open();
    world.counts.replaced(PROJECT);
    const { hour } = countItemHours([world.like()])[0]!;
    world.hear(world.like());
    world.hear(world.like({ reaction: "dismiss" }));
    world.hear(world.like({ kind: "viewed", reaction: undefined }));
    world.hear(world.like({ is_bot: true }));
    world.hear(world.like({ reaction: "snooze" }));
    world.hear(world.like({ project_id: 2 }));
    const row = { item_id: "a", hour, count: 1 };
    expect(world.counts.rows(PROJECT)).toEqual([
      { ...row, event_class: "positive" },
      { ...row, event_class: "negative" },
      { ...row, event_class: "view" },
    ]);
    expect(world.counts.changes(PROJECT)).toBe(3);
    // Nothing to add to: project 2 was never read.
    expect(world.counts.rows(2)).toEqual([]);
    await world.counts.close();
    expect(world.listeners.size).toBe(0);
  });

  it("pass over what cannot be read", async () => {
    const world = await open();
    world.counts.replaced(PROJECT);
    world.hear({ ...world.like(), event_id: "" });
    expect(world.total()).toBe(0);
    world.hear(world.like());
    expect(world.total()).toBe(1);
  });

  it("take an id once, before and after a reading", async () => {
    const world = await open();
    world.counts.replaced(PROJECT);
    const event = world.like();
    world.hear(event);
    world.hear(world.again(event));
    expect(world.total()).toBe(1);
    world.advance(5);
    world.counts.replaced(PROJECT);
    world.advance(5);
    world.hear(world.again(event));
    expect(world.total()).toBe(0);
  });

  it("leave to the next reading what the last one may hold", async () => {
    const world = await open();
    const before = world.like();
    const atTheEnd = world.like();
    world.counts.replaced(PROJECT);
    world.advance(50);
    world.hear(before);
    world.hear(world.again(atTheEnd));
    expect(world.total()).toBe(0);
    world.hear(world.like());
    expect(world.total()).toBe(1);
  });

  it("leave out what may repeat something unheard or forgotten, or is dated ahead", async () => {
    const world = await open({ maxIds: 2 });
    world.counts.replaced(PROJECT);
    const early = world.like({ occurred_at: world.iso(world.now() - 60_000) });
    world.hear(early);
    expect(world.total()).toBe(0);
    const first = world.like();
    for (const event of [first, world.like(), world.like()]) world.hear(event);
    expect(world.total()).toBe(3);
    world.advance(1);
    world.hear(world.again(first));
    expect(world.total()).toBe(3);
    const unheard = world.like();
    world.advance(1);
    world.reconnect();
    world.advance(1);
    world.hear(world.again(unheard));
    world.hear(world.like({ occurred_at: world.iso(world.now() + 60_000) }));
    expect(world.total()).toBe(3);
  });

  it("hold no more counters than they may; known ones go on, and a reading makes room", async () => {
    const world = await open({ maxRows: 2 });
    world.counts.replaced(PROJECT);
    for (const item_id of ["a", "b", "c", "a"]) world.hear(world.like({ item_id }));
    expect(world.counts.rows(PROJECT).map(({ item_id, count }) => [item_id, count])).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    world.counts.replaced(PROJECT);
    world.hear(world.like({ item_id: "c" }));
    expect(world.total()).toBe(1);
  });
});

type Step =
  | { kind: "send"; item: string }
  | { kind: "repeat" | "archive" | "hear"; pick: number }
  | { kind: "read" | "failedRead" | "reconnect" };
const pick = fc.nat(40);
const aStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("send" as const), item: fc.constantFrom("a", "b", "c") }),
  fc.record({ kind: fc.constantFrom("repeat", "archive", "hear", "hear"), pick }),
  fc.record({ kind: fc.constantFrom("read", "failedRead", "reconnect") }),
) as fc.Arbitrary<Step>;

describe("property", () => {
  it("never more than distinct events, however late they are archived, heard or sent again; a reading makes it exact", async () => {
    const steps = fc.array(aStep, { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 6 }), async (plan, maxIds) => {
        const world = await open({ maxIds });
        const sent: SignalEvent[] = [];
        const onTheWay: SignalEvent[] = [];
        const archived = new Map<string, SignalEvent>();
        let base: ItemHour[] = [];
        const read = () => {
          base = countItemHours([...archived.values()]);
          world.counts.replaced(PROJECT);
        };
        const countedOf = (rows: readonly ItemHour[], item: string) =>
          rows.reduce((sum, { item_id, count }) => sum + (item_id === item ? count : 0), 0);
        const check = (isExact: boolean) => {
          for (const item of ["a", "b", "c"]) {
            const shown = countedOf([...base, ...world.counts.rows(PROJECT)], item);
            const known = isExact ? [...archived.values()] : sent;
            const ids = known.flatMap((one) => (one.item_id === item ? [one.event_id] : []));
            const distinct = new Set(ids).size;
            if (isExact) expect(shown).toBe(distinct);
            else expect(shown).toBeLessThanOrEqual(distinct);
          }
        };
        read();
        for (const step of plan) {
          world.advance(1);
          const one = "pick" in step ? sent[step.pick % sent.length] : undefined;
          if (step.kind === "send") {
            const event = world.like({ item_id: step.item });
            sent.push(event);
            onTheWay.push(event);
          } else if (step.kind === "repeat" && one !== undefined) {
            onTheWay.push(world.again(one));
          } else if (step.kind === "archive" && one !== undefined) {
            archived.set(one.event_id, one);
          } else if (step.kind === "hear" && "pick" in step && onTheWay.length > 0) {
            const [heard] = onTheWay.splice(step.pick % onTheWay.length, 1);
            if (heard !== undefined) world.hear(heard);
          } else if (step.kind === "read") {
            read();
            check(true);
          } else if (step.kind === "reconnect") world.reconnect();
          check(false);
        }
        for (const event of onTheWay) world.hear(event);
        check(false);
        for (const event of sent) archived.set(event.event_id, event);
        world.advance(1);
        read();
        check(true);
      }),
      { numRuns: 300 },
    );
  });
});
