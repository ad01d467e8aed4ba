import { SUBJECT_OF_KIND, subjects } from "@signalpath/contracts";
import type { SignalEvent, UserKey } from "@signalpath/domain";
import { FEATURES, type BatchedFeature } from "@signalpath/feature-registry";
import type { StoredFeatures } from "@signalpath/ports";
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";

import { createContext } from "./app.ts";
import { applyBatch } from "./apply-batch.ts";
import { rebuildAll, rebuildUsers } from "./rebuild.ts";
import { refreshUser } from "./refresh-user.ts";
import { eventAt, openWorld, type World } from "./test-world.ts";

const BATCHED = FEATURES as readonly BatchedFeature[];
const HOUR = 3_600_000;

const served = (second: number, rest: Partial<SignalEvent> = {}) =>
  eventAt(second, { kind: "served", user_id: "u1", item_id: "i1", ...rest });
const reacted = (second: number, rest: Partial<SignalEvent> = {}) =>
  eventAt(second, { user_id: "u1", item_id: "i1", reaction: "done", ...rest });

/** An updater whose clock a test moves, driven batch by batch, without a bus. */
async function openStepwise() {
  let shift = 0;
  const world = await openWorld((deps) => ({
    kit: { ...deps.kit, now: () => deps.kit.now() + shift },
  }));
  const content = {
    version: () => 1,
    space: () => undefined,
    catchUp: async () => undefined,
    check: async () => undefined,
  };
  const ctx = createContext(world.deps, content);
  let sequence = 0;
  return {
    world,
    ctx,
    advance: (ms: number) => void (shift += ms),
    apply: async (...events: SignalEvent[]) => {
      const batch = events.map((event) => ({
        subject: SUBJECT_OF_KIND[event.kind].name,
        body: JSON.stringify(event),
        headers: {},
        sequence: ++sequence,
        attempt: 1,
        publishedAtMs: ctx.now(),
      }));
      const outcomes = await applyBatch(ctx, batch);
      expect(new Set(outcomes)).toEqual(new Set(["ack"]));
    },
    stored: (id: string, space: "user" | "anonymous" = "user") => storedOf(world, id, space),
  };
}

async function storedOf(
  world: World,
  id: string,
  space: "user" | "anonymous" = "user",
): Promise<StoredFeatures> {
  const answer = await world.deps.features!.get(world.keyOf(id, space));
  if (answer.status === "moved") throw new Error(`moved to ${answer.to}`);
  return answer.features;
}

const valuesOf = (stored: StoredFeatures) =>
  Object.fromEntries([...stored].map(([name, { value }]) => [name, value]));

test("events become features, at once and without anybody asking", async () => {
  const world = await openWorld();
  const app = world.create();
  await app.start();
  onTestFinished(() => app.close());
  await world.publish(served(1, { request_id: "r1" }));
  await world.publish(served(2, { item_id: "i2", request_id: "r1" }));
  await world.publish(reacted(3, { request_id: "r1", dwell_ms: 4_000 }));
  await world.publish(reacted(4, { item_id: "i2", request_id: "r1", reaction: "dismiss" }));
  await vi.waitFor(async () =>
    expect(valuesOf(await storedOf(world, "u1"))).toEqual({
      completion_rate_30d: 1 / 2,
      dismiss_rate_30d: 1 / 2,
      mean_dwell_ms_30d: 3_000,
      preferred_hour: 12,
      tip_volume_30d: 2,
    }),
  );
  const text = await world.metricsText();
  expect(text).toMatch(/feature_recompute_total{feature="tip_volume_30d",result="saved"} [12]/);
  expect(text).toMatch(/feature_freshness_seconds_count{feature="preferred_hour"} [12]/);
});

describe("a batch", () => {
  test("recomputes what its subjects invalidate, and nothing else", async () => {
    const { apply, stored } = await openStepwise();
    await apply(served(1));
    expect([...(await stored("u1")).keys()]).toEqual(["tip_volume_30d"]);
    await apply(eventAt(2, { kind: "viewed", user_id: "u1", item_id: "i2" }));
    expect([...(await stored("u1")).keys()]).toEqual(["tip_volume_30d"]);
    const volume = (await stored("u1")).get("tip_volume_30d");
    await apply(reacted(3));
    const after = await stored("u1");
    expect(after.size).toBe(FEATURES.length);
    expect(after.get("tip_volume_30d")).toEqual(volume);
  });

  test("is one computation a person, however many events it has", async () => {
    const { world, apply } = await openStepwise();
    const save = vi.spyOn(world.deps.features!, "save");
    await apply(...Array.from({ length: 20 }, (_, n) => reacted(n, { item_id: `i${n}` })));
    expect(save).toHaveBeenCalledTimes(1);
  });

  test("leaves bots out", async () => {
    const { apply, stored } = await openStepwise();
    await apply(served(1), served(2, { item_id: "i2", is_bot: true }));
    await apply(reacted(3, { is_bot: true }));
    expect(valuesOf(await stored("u1"))).toEqual({ tip_volume_30d: 1 });
  });

  test("that came again after a crash between model and features saves them", async () => {
    const { world, apply, stored } = await openStepwise();
    const save = vi.spyOn(world.deps.features!, "save");
    save.mockRejectedValueOnce(new Error("the process ended"));
    await expect(apply(reacted(1))).rejects.toThrow();
    expect((await stored("u1")).size).toBe(0);
    await apply(reacted(1));
    expect((await stored("u1")).get("preferred_hour")?.value).toBe(12);
  });
});

test("any order, repetition and batching: what is stored is what the set gave when last invalidated", async () => {
  const anyEvent = fc.record({
    second: fc.nat(30),
    kind: fc.constantFrom("served", "feedback", "viewed"),
    item: fc.nat(2),
    request: fc.constantFrom("r1", "r2", undefined),
    reaction: fc.constantFrom("done", "dismiss", "like"),
    dwell: fc.constantFrom(undefined, 0, 900),
    bot: fc.constantFrom(undefined, undefined, true),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anyEvent, { maxLength: 5 }), { maxLength: 6 }),
      async (plan) => {
        const { ctx, apply, stored, advance } = await openStepwise();
        const seen = new Map<string, SignalEvent>();
        const expected = new Map<string, number | null>();
        for (const drawn of plan) {
          const batch = drawn.map(({ second, kind, item, request, reaction, dwell, bot }) =>
            eventAt(second, {
              event_id: `${second}-${kind}-${item}`,
              user_id: "u1",
              kind,
              item_id: `i${item}`,
              ...(kind === "feedback" ? { reaction } : {}),
              ...(request === undefined ? {} : { request_id: request }),
              ...(dwell === undefined || kind !== "feedback" ? {} : { dwell_ms: dwell }),
              ...(bot === undefined ? {} : { is_bot: bot }),
            }),
          );
          // The first copy of an id stands, also against one of a bot.
          for (const event of batch) {
            if (!seen.has(event.event_id)) seen.set(event.event_id, event);
          }
          if (batch.length > 0) await apply(...batch);
          const applied = batch.map(({ event_id }) => seen.get(event_id)!).filter((e) => !e.is_bot);
          const hit = new Set<string>(applied.map(({ kind }) => SUBJECT_OF_KIND[kind].name));
          for (const feature of BATCHED) {
            if (!feature.invalidatedBy.some((subject) => hit.has(subject))) continue;
            expected.set(feature.name, feature.compute([...seen.values()], ctx.now()));
          }
          expect(valuesOf(await stored("u1"))).toEqual(Object.fromEntries(expected));
          advance(1_000);
        }
      },
    ),
    { numRuns: 40 },
  );
});

describe("a refresh that was asked for", () => {
  test("computes what is past its time to live or was never computed, and leaves the rest", async () => {
    const { ctx, apply, stored, advance } = await openStepwise();
    await apply(served(1), reacted(2));
    const before = await stored("u1");
    advance(HOUR);
    await refreshUser(ctx, 1, "u1");
    const after = await stored("u1");
    for (const [name, feature] of after) {
      if (name === "tip_volume_30d") {
        expect(feature.computedAtMs).toBeGreaterThan(before.get(name)!.computedAtMs);
      } else expect(feature).toEqual(before.get(name));
    }
  });

  test("lets a rate age: what fell out of the window does not count any more", async () => {
    const { ctx, apply, stored, advance } = await openStepwise();
    await apply(served(1), reacted(2));
    advance(31 * 24 * HOUR);
    await apply(eventAt(31 * 86_400, { kind: "viewed", user_id: "u1", item_id: "i2" }));
    await refreshUser(ctx, 1, "u1");
    expect(valuesOf(await stored("u1"))).toEqual({
      completion_rate_30d: 0,
      dismiss_rate_30d: 0,
      mean_dwell_ms_30d: null,
      preferred_hour: null,
      tip_volume_30d: 0,
    });
  });

  test("over the bus takes less than a second", async () => {
    const world = await openWorld();
    const app = world.create();
    await app.start();
    onTestFinished(() => app.close());
    await world.publish(eventAt(1, { kind: "viewed", user_id: "u1", item_id: "i1" }));
    await vi.waitFor(async () => expect(await world.stored(world.keyOf("u1"))).toBeDefined());
    expect((await storedOf(world, "u1")).size).toBe(0);
    const wish = { project_id: 1, user_id: "u1", reason: "missing" } as const;
    await world.deps.bus.publish(subjects.userRefreshRequested, wish);
    await vi.waitFor(async () => expect((await storedOf(world, "u1")).size).toBe(FEATURES.length), {
      timeout: 30_000,
    });
  });
});

test("a link takes the features of both along; the old key has none", async () => {
  const { world, apply, stored } = await openStepwise();
  const device = { user_id: undefined, anonymous_id: "dev" };
  await apply(served(1), reacted(2));
  await apply(served(3, { ...device, item_id: "i2" }), reacted(4, { ...device, item_id: "i2" }));
  await apply(served(5, { ...device, item_id: "i3" }));
  expect(valuesOf(await stored("dev", "anonymous"))).toMatchObject({ tip_volume_30d: 2 });
  await apply(eventAt(6, { kind: "identified", user_id: "u1", anonymous_id: "dev" }));
  expect(valuesOf(await stored("u1"))).toMatchObject({
    completion_rate_30d: 2 / 3,
    tip_volume_30d: 3,
  });
  const old = await world.deps.features!.get(world.keyOf("dev", "anonymous"));
  expect(old).toEqual({ status: "moved", to: world.keyOf("u1") });
});

test("an erasure takes the features along, and a late save does not bring them back", async () => {
  const { world, ctx, apply, stored } = await openStepwise();
  await apply(served(1), reacted(2));
  const key: UserKey = world.keyOf("u1");
  const read = await ctx.buffer.read(key);
  if (read.status !== "ok") throw new Error("moved");
  await world.deps.archive.erase(1, key, ctx.now());
  await ctx.buffer.erase(key, ctx.now() + 1, { everything: true });
  expect((await stored("u1")).size).toBe(0);
  expect(await ctx.features!.recompute(key, BATCHED, read)).toEqual({ status: "below_floor" });
  await refreshUser(ctx, 1, "u1");
  expect((await stored("u1")).size).toBe(0);
});

describe("backfill", () => {
  test("from the archive gives the online values, cap and window alike", async () => {
    const { world, ctx, apply, stored } = await openStepwise();
    const events = Array.from({ length: 2_100 }, (_, n) => {
      const rest = { event_id: `e${n}`, item_id: `i${n % 300}`, request_id: `r${n % 7}` };
      return n % 3 === 0 ? reacted(n, rest) : served(n, rest);
    });
    await apply(...events.slice(0, 1_500));
    await apply(...events.slice(1_500));
    const online = await stored("u1");
    expect(online.size).toBe(FEATURES.length);
    world.userState.forget(world.keyOf("u1"));
    expect((await stored("u1")).size).toBe(0);
    expect(await rebuildAll(ctx, 1, { features: true })).toEqual({ rebuilt: 1, unknown: [] });
    expect(valuesOf(await stored("u1"))).toEqual(valuesOf(online));
    expect(await world.stored(world.keyOf("u1"))).toBeUndefined();
  });

  test("of the people named tells whom nobody knows", async () => {
    const { ctx, apply, stored } = await openStepwise();
    await apply(served(1));
    const result = await rebuildUsers(ctx, 1, ["u1", "nobody"], { features: true });
    expect(result).toEqual({ rebuilt: 1, unknown: ["nobody"] });
    expect((await stored("u1")).size).toBe(FEATURES.length);
  });

  test("is a part of every rebuild", async () => {
    const { ctx, apply, stored } = await openStepwise();
    await apply(served(1));
    await rebuildAll(ctx, undefined);
    expect((await stored("u1")).size).toBe(FEATURES.length);
  });
});
