import {
  featureRegistryResponse,
  featuresResponse,
  recommendResponse,
  subjects,
  type FeaturesResponse,
} from "@signalpath/contracts";
import { userKey } from "@signalpath/domain";
import { createFeatureRegistry, FEATURES } from "@signalpath/feature-registry";
import { UnavailableError } from "@signalpath/ports";
import { sha256 } from "@signalpath/service-kit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { openWorld, type World } from "./test-world.ts";

const HOUR = 3_600_000;

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const json = async (path: string): Promise<unknown> => (await world.request(path)).json();
const featuresOf = async (userId: string): Promise<FeaturesResponse["features"]> =>
  featuresResponse.parse(await json(`/api/features?user_id=${userId}`)).features;

/** What the ingest side saves for a person. */
function save(
  userId: string,
  values: Record<string, number | null>,
  computedAtMs = world.clock.now(),
) {
  return world.features.save(world.keyOf(userId), {
    values: new Map(Object.entries(values)),
    computedAtMs,
    revision: 1,
  });
}

/** Every value, as if there had been one tip of four. */
const ALL = {
  completion_rate_30d: 0.75,
  dismiss_rate_30d: 0.25,
  mean_dwell_ms_30d: 30_000,
  preferred_hour: 12,
  tip_volume_30d: 4,
};

/** Requests for a refresh, as they come. */
async function hearRequests(): Promise<{ user_id: string; reason: string }[]> {
  const heard: { user_id: string; reason: string }[] = [];
  await world.bus.hear(subjects.userRefreshRequested.name, ({ body }) => {
    heard.push(JSON.parse(body) as never);
  });
  return heard;
}

describe("GET /api/features", () => {
  test("of nobody are the fallbacks", async () => {
    const never = { computed_at: null, expires_at: null, stale: false, source: "fallback" };
    expect(await json("/api/features?user_id=nobody")).toEqual({
      user_id: "nobody",
      features: {
        completion_rate_30d: { value: 0, normalized: 0, ...never },
        dismiss_rate_30d: { value: 0, normalized: 0, ...never },
        mean_dwell_ms_30d: { value: null, normalized: 0, ...never },
        preferred_hour: { value: null, normalized: 0.5, ...never },
        tip_volume_30d: { value: 0, normalized: 0, ...never },
      },
    });
  });

  test("are what was stored, normalised for serving, with their age", async () => {
    await save("ann", ALL);
    const at = (ms: number) => new Date(world.clock.now() + ms).toISOString();
    const kept = (seconds: number) => ({
      computed_at: at(0),
      expires_at: at(seconds * 1_000),
      stale: false,
      source: "profile_store",
    });
    expect(await featuresOf("ann")).toEqual({
      completion_rate_30d: { value: 0.75, normalized: 0.75, ...kept(21_600) },
      dismiss_rate_30d: { value: 0.25, normalized: 0.25, ...kept(21_600) },
      mean_dwell_ms_30d: { value: 30_000, normalized: 1 - Math.exp(-1), ...kept(21_600) },
      preferred_hour: { value: 12, normalized: 1, ...kept(86_400) },
      tip_volume_30d: { value: 4, normalized: Math.log(5) / Math.log(301), ...kept(3_600) },
    });
  });

  test("past their time to live are served as they are, and asked for once", async () => {
    await save("ann", ALL);
    const heard = await hearRequests();
    const spy = vi.spyOn(world.features, "save");
    world.clock.advance(HOUR);
    for (let i = 0; i < 3; i++) {
      const features = await featuresOf("ann");
      expect(features["tip_volume_30d"]).toMatchObject({ value: 4, stale: true });
      expect(features["completion_rate_30d"]).toMatchObject({ value: 0.75, stale: false });
    }
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toMatchObject({ user_id: "ann", reason: "stale" });
    expect(spy).not.toHaveBeenCalled();
    await save("ann", { tip_volume_30d: 5 });
    expect((await featuresOf("ann"))["tip_volume_30d"]).toMatchObject({ value: 5, stale: false });
    const text = await world.metrics.text();
    expect(text).toContain('feature_reads_total{feature="tip_volume_30d",result="stale"} 3');
    expect(text).toContain('feature_reads_total{feature="tip_volume_30d",result="fresh"} 1');
    expect(text).toMatch(/feature_age_seconds_count{feature="preferred_hour"} 4/);
  });

  test.each(FEATURES.map(({ name, ttlSec }) => [name, ttlSec * 1_000] as const))(
    "%s is fresh to the last millisecond of its time to live, stale from then on",
    async (name, lifeMs) => {
      await save("ann", ALL);
      const computedAt = world.clock.now();
      world.clock.advance(lifeMs - 1);
      const { [name]: fresh } = await featuresOf("ann");
      expect(fresh).toMatchObject({ value: ALL[name as keyof typeof ALL], stale: false });
      expect(Date.parse(fresh?.expires_at ?? "")).toBe(computedAt + lifeMs);
      const heard = await hearRequests();
      // Whoever was asked for at the last moment is not asked for again at once.
      world.clock.advance(1);
      const { [name]: stale } = await featuresOf("ann");
      expect(stale).toEqual({ ...fresh, stale: true, normalized: stale?.normalized });
      world.clock.advance(60_000);
      await featuresOf("ann");
      await vi.waitFor(() => expect(heard.at(-1)).toMatchObject({ reason: "stale" }));
    },
  );

  test("that were never computed beside others are asked for", async () => {
    await save("ann", { tip_volume_30d: 1 });
    const heard = await hearRequests();
    const features = await featuresOf("ann");
    expect(features["preferred_hour"]).toMatchObject({ value: null, source: "fallback" });
    await vi.waitFor(() => expect(heard).toMatchObject([{ reason: "missing" }]));
  });

  test("of a known person that the store lost are asked for and waited for", async () => {
    await world.archive.put([world.event("ann", { item_id: "bread-1", reaction: "like" })]);
    await world.bus.consume(
      { filter: subjects.userRefreshRequested.name, durable: "updater" },
      async () => void (await save("ann", ALL)),
    );
    expect((await featuresOf("ann"))["tip_volume_30d"]).toMatchObject({ value: 4, stale: false });
  });

  test("of a user are never those of a device of the same name", async () => {
    const device = userKey(sha256, world.project.id, "anonymous", "ann");
    const values = new Map(Object.entries(ALL));
    const origin = { computedAtMs: world.clock.now(), revision: 1 };
    await world.features.save(device, { values, ...origin });
    expect((await featuresOf("ann"))["tip_volume_30d"]).toMatchObject({ value: 4 });
    await world.like("ann", "bread-1");
    await world.bus.consume(
      { filter: subjects.userRefreshRequested.name, durable: "updater" },
      async () => void (await save("ann", { ...ALL, tip_volume_30d: 1 })),
    );
    expect((await featuresOf("ann"))["tip_volume_30d"]).toMatchObject({ value: 1 });
  });

  test("are followed through a link", async () => {
    const visit = { user_id: undefined, anonymous_id: "dev", item_id: "chess-1", reaction: "like" };
    await world.store([world.event("", visit as never)]);
    await world.store([world.event("ann", { kind: "identified", anonymous_id: "dev" })]);
    await save("ann", ALL);
    expect(await featuresOf("dev")).toEqual(await featuresOf("ann"));
  });

  test("of freshness jit come from the model", async () => {
    const breadth = {
      ...FEATURES[0]!,
      name: "breadth",
      freshness: "jit" as const,
      source: "user_model" as const,
      invalidatedBy: [],
      compute: (model: { tag_affinity: object }) => Object.keys(model.tag_affinity).length,
    };
    await world.close();
    world = await openWorld(() => ({ featureRegistry: createFeatureRegistry([breadth]) }));
    await world.like("ann", "bread-1");
    await world.like("ann", "chess-1");
    await save("ann", ALL);
    expect((await featuresOf("ann"))["breadth"]).toMatchObject({ value: 2, source: "user_model" });
  });

  test("want a user, a key and a store that answers", async () => {
    expect((await world.request("/api/features")).status).toBe(422);
    expect((await world.request("/api/features?user_id=u", { key: null })).status).toBe(401);
    expect((await world.request("/api/features/registry", { key: null })).status).toBe(401);
    const get = vi.spyOn(world.features, "get");
    get.mockRejectedValueOnce(new UnavailableError("redis", "refused"));
    const response = await world.request("/api/features?user_id=u");
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).not.toBeNull();
  });
});

test("the registry prints its definitions", async () => {
  const { features } = featureRegistryResponse.parse(await json("/api/features/registry"));
  expect(features.map(({ name, fallback }) => [name, fallback])).toEqual([
    ["completion_rate_30d", "0.0"],
    ["dismiss_rate_30d", "0.0"],
    ["mean_dwell_ms_30d", "null — serving normalises to 0.0"],
    ["preferred_hour", "null — serving normalises to 0.5 (neutral alignment)"],
    ["tip_volume_30d", "0"],
  ]);
  expect(features.at(-1)).toEqual({
    name: "tip_volume_30d",
    dtype: "numeric",
    description: "Distinct tips served in the last 30 d",
    freshness: "batched",
    ttl_sec: 3_600,
    source: "profile_store",
    fallback: "0",
    invalidated_by: ["signals.tip.served"],
  });
});

describe("a ranking that uses features", () => {
  async function list(profile: { timeOfDay: boolean; dismissDamping: boolean }) {
    await world.close();
    world = await openWorld(() => ({ settings: { profile } }));
    for (const item of ["bread-1", "bread-2", "chess-1"]) await world.like("ann", item);
    await save("ann", { ...ALL, dismiss_rate_30d: 0.8, preferred_hour: 0 });
    return recommendResponse.parse(await json("/api/recommend?user_id=ann&limit=12"));
  }
  const contributionOf = (name: string, body: Awaited<ReturnType<typeof list>>) =>
    body.items.map(({ contributions }) => contributions[name]);

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])(
    "time of day %s, damping %s: contributions add up to the score",
    async (timeOfDay, damping) => {
      const body = await list({ timeOfDay, dismissDamping: damping });
      expect(body.items.length).toBeGreaterThan(5);
      for (const { score, contributions } of body.items) {
        const sum = Object.values(contributions).reduce((a, b) => a + b, 0);
        expect(Math.abs(sum - score)).toBeLessThan(1e-9);
      }
      const damped = contributionOf("dismissal", body).filter((part) => part !== undefined);
      expect(damped.length > 0).toBe(damping);
      for (const part of damped) expect(part).toBeLessThan(0);
      expect(body.diagnostics.degraded).toEqual([]);
    },
  );

  test("damping takes most from what is unlike anything the person likes", async () => {
    const body = await list({ timeOfDay: false, dismissDamping: true });
    const least = (label: string) =>
      Math.min(
        ...body.items
          .filter(({ item_id }) => item_id.startsWith(label))
          .map(({ contributions }) => contributions["dismissal"] ?? 0),
      );
    expect(least("rivers")).toBeLessThan(least("bread"));
  });

  test("the hour of the feature replaces the model's", async () => {
    // Everything was liked an hour ago, and noon is now: the hour the feature prefers is the farthest.
    const plain = await list({ timeOfDay: false, dismissDamping: false });
    const timed = await list({ timeOfDay: true, dismissDamping: false });
    for (const part of contributionOf("time", plain)) expect(part).toBeGreaterThan(0);
    for (const part of contributionOf("time", timed)) expect(part).toBeUndefined();
  });

  test("goes on without them when their store does not answer, and says so", async () => {
    await list({ timeOfDay: true, dismissDamping: true });
    const get = vi.spyOn(world.features, "get");
    get.mockRejectedValueOnce(new UnavailableError("redis", "refused"));
    const body = recommendResponse.parse(await json("/api/recommend?user_id=ann&limit=12"));
    expect(body.diagnostics.degraded).toEqual(["feature_store"]);
    expect(body.items.length).toBeGreaterThan(5);
    expect(contributionOf("dismissal", body).every((part) => part === undefined)).toBe(true);
  });

  test("is another list when they change, the same when they do not", async () => {
    const first = await list({ timeOfDay: false, dismissDamping: true });
    const again = recommendResponse.parse(await json("/api/recommend?user_id=ann&limit=12"));
    expect(again.items).toEqual(first.items);
    await save("ann", { dismiss_rate_30d: 0 });
    const other = recommendResponse.parse(await json("/api/recommend?user_id=ann&limit=12"));
    expect(other.items).not.toEqual(first.items);
    expect(contributionOf("dismissal", other).every((part) => part === undefined)).toBe(true);
  });

  test("reads none when both are off", async () => {
    await list({ timeOfDay: false, dismissDamping: false });
    const get = vi.spyOn(world.features, "get");
    await json("/api/recommend?user_id=ann&limit=3");
    expect(get).not.toHaveBeenCalled();
  });
});
