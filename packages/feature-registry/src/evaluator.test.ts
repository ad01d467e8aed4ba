import { subjects } from "@signalpath/contracts";
import type { SignalEvent, UserKey, UserSignals } from "@signalpath/domain";
import {
  createManualClock,
  createMemoryFeatureStore,
  createMemoryUserState,
  type StoredFeatures,
} from "@signalpath/ports";
import { expect, test } from "vitest";

import { createFeatureEvaluator } from "./evaluator.ts";
import type { JitFeature } from "./feature.ts";
import { FEATURES } from "./features.generated.ts";
import { createFeatureRegistry } from "./registry.ts";

const KEY = "k".repeat(22) as UserKey;
const HOUR = 3_600_000;

const breadth: JitFeature = {
  name: "breadth",
  dtype: "numeric",
  description: "How many tags the person likes",
  freshness: "jit",
  ttlSec: 60,
  source: "user_model",
  fallback: { value: null, text: "null" },
  invalidatedBy: [],
  normalise: (value) => (value === null ? 0 : Math.min(1, value / 10)),
  compute: (model) => Object.keys(model.tag_affinity).length,
};

function open() {
  const clock = createManualClock();
  const store = createMemoryFeatureStore(createMemoryUserState(clock));
  const registry = createFeatureRegistry([...FEATURES, breadth]);
  const evaluator = createFeatureEvaluator({ store, now: clock.now, registry });
  const event = (id: string, rest: Partial<SignalEvent> = {}): SignalEvent => ({
    event_id: id,
    project_id: 1,
    user_id: "u",
    kind: "served",
    item_id: "t1",
    occurred_at: new Date(clock.now()).toISOString(),
    received_at: new Date(clock.now()).toISOString(),
    ...rest,
  });
  async function stored(): Promise<StoredFeatures> {
    const answer = await evaluator.get(KEY);
    if (answer.status !== "ok") throw new Error("moved");
    return answer.features;
  }
  return { clock, evaluator, event, stored };
}

test("what was never computed has its fallback, and is due", async () => {
  const { evaluator, stored } = open();
  const served = evaluator.serve(await stored(), undefined);
  const never = { computedAtMs: null, expiresAtMs: null, stale: false, source: "fallback" };
  expect(Object.fromEntries(served)).toEqual({
    completion_rate_30d: { value: 0, normalized: 0, ...never },
    dismiss_rate_30d: { value: 0, normalized: 0, ...never },
    mean_dwell_ms_30d: { value: null, normalized: 0, ...never },
    preferred_hour: { value: null, normalized: 0.5, ...never },
    tip_volume_30d: { value: 0, normalized: 0, ...never },
    breadth: { value: null, normalized: 0, ...never },
  });
  expect(evaluator.due(await stored())).toEqual(FEATURES);
});

test("a computed null is a value: it has an age and can be stale", async () => {
  const { clock, evaluator, event, stored } = open();
  const hour = FEATURES.filter(({ name }) => name === "preferred_hour") as never;
  await evaluator.recompute(KEY, hour, { events: [event("1")], revision: 1 });
  const served = () =>
    stored().then((all) => evaluator.serve(all, undefined).get("preferred_hour"));
  const value = { value: null, normalized: 0.5, computedAtMs: clock.now(), stale: false };
  expect(await served()).toMatchObject({ ...value, source: "profile_store" });
  clock.advance(24 * HOUR - 1);
  expect(await served()).toMatchObject({ stale: false });
  clock.advance(1);
  expect(await served()).toMatchObject({ value: null, stale: true });
});

test("each is due at its own age, a little before on request, until computed again", async () => {
  const { clock, evaluator, event, stored } = open();
  const input = { events: [event("1")], revision: 1 };
  await evaluator.recompute(KEY, evaluator.batched, input);
  const due = async (soonMs = 0) => evaluator.due(await stored(), soonMs).map(({ name }) => name);
  expect(await due()).toEqual([]);
  clock.advance(HOUR - 1);
  expect(await due()).toEqual([]);
  expect(await due(1)).toEqual(["tip_volume_30d"]);
  clock.advance(1);
  expect(await due()).toEqual(["tip_volume_30d"]);
  await evaluator.recompute(KEY, evaluator.due(await stored()), input);
  expect(await due()).toEqual([]);
  clock.advance(5 * HOUR);
  expect(await due()).toEqual(
    FEATURES.map(({ name }) => name).filter((n) => n !== "preferred_hour"),
  );
});

test("events of a subject invalidate what names it, and nothing else", () => {
  const { evaluator } = open();
  const names = (...of: { name: string }[]) =>
    evaluator.invalidatedBy(of.map(({ name }) => name)).map(({ name }) => name);
  expect(names(subjects.tipServed)).toEqual(["tip_volume_30d"]);
  expect(names(subjects.tipFeedback)).toHaveLength(4);
  expect(names(subjects.tipFeedback, subjects.tipServed, subjects.tipServed)).toHaveLength(5);
  expect(names(subjects.contentViewed, subjects.userIdentified)).toEqual([]);
});

test("a sender's clock that runs ahead does not hide its events", async () => {
  const { clock, evaluator, event, stored } = open();
  const ahead = new Date(clock.now() + 60_000).toISOString();
  const events = [event("1", { occurred_at: ahead, utc_offset_min: 330 })];
  await evaluator.recompute(KEY, evaluator.batched, { events, revision: 1 });
  expect((await stored()).get("tip_volume_30d")).toEqual({
    value: 1,
    computedAtMs: clock.now() + 60_000,
    revision: 1,
    utcOffsetMin: 330,
  });
});

test("jit features are computed from the model at read and never stored", async () => {
  const { clock, evaluator, event, stored } = open();
  await evaluator.recompute(KEY, evaluator.batched, { events: [event("1")], revision: 1 });
  expect((await stored()).has("breadth")).toBe(false);
  const model = { tag_affinity: { a: 1, b: 0.5 } } as unknown as UserSignals;
  expect(evaluator.serve(await stored(), model).get("breadth")).toEqual({
    value: 2,
    normalized: 0.2,
    computedAtMs: clock.now(),
    expiresAtMs: clock.now() + 60_000,
    stale: false,
    source: "user_model",
  });
});
