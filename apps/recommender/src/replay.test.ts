import { contentFacets, featureStatsResponse, recommendResponse } from "@signalpath/contracts";
import { afterEach, beforeEach, expect, test } from "vitest";

import { openWorld, q, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const json = async (path: string): Promise<unknown> => (await world.request(path)).json();
const listAsOf = async (as_of: string) =>
  recommendResponse.parse(
    await json(`/api/recommend?${q({ user_id: "ann", limit: 5, as_of, include_content: true })}`),
  );

test("a request is replayed for the person as they were, and says so", async () => {
  const first = world.event("ann", { item_id: "bread-1", reaction: "like" });
  const second = world.event("ann", { item_id: "chess-1", reaction: "like" });
  await world.store([first, second]);
  const before = new Date(Date.parse(first.occurred_at) - 1).toISOString();
  const nobody = await listAsOf(before);
  expect(nobody.strategy).toBe("cold");
  expect(nobody.diagnostics.replay).toEqual({ as_of: before, events: 0, complete: true });
  const then = await listAsOf(first.occurred_at);
  expect(then.strategy).toBe("warm");
  expect(then.diagnostics.replay?.events).toBe(1);
  expect(then.items.map(({ item_id }) => item_id)).not.toContain("bread-1");
  expect(then.items[0]?.item_id).toMatch(/^bread/);
  const now = await listAsOf(new Date(world.clock.now()).toISOString());
  expect(now.diagnostics.replay?.events).toBe(2);
  expect(now.items.map(({ item_id }) => item_id)).not.toContain("chess-1");
});

test("a model is told as it was; its revision is none", async () => {
  const first = world.event("ann", { item_id: "bread-1", reaction: "like" });
  await world.store([first, world.event("ann", { item_id: "chess-1", reaction: "like" })]);
  const at = q({ user_id: "ann", as_of: first.occurred_at });
  expect(await json(`/api/usermodel?${at}`)).toMatchObject({
    revision: 0,
    as_of: first.occurred_at,
    n_events: 1,
    viewed: ["bread-1"],
  });
  const early = q({ user_id: "ann", as_of: "2020-01-01T00:00:00Z" });
  expect((await world.request(`/api/usermodel?${early}`)).status).toBe(404);
});

test("the time to come is refused, and so is a key that may only ask for lists", async () => {
  const later = new Date(world.clock.now() + 60_000).toISOString();
  const path = `/api/recommend?${q({ user_id: "ann", as_of: later })}`;
  expect((await world.request(path)).status).toBe(422);
  expect((await world.request("/api/recommend?user_id=ann&as_of=soon")).status).toBe(422);
  const { key } = await world.issue(world.project.id, ["recommend"]);
  const refused = await world.request(path, { key });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ code: "SCOPE_MISSING" });
});

test("tags are counted over the whole catalogue, again when it changed", async () => {
  const facets = contentFacets.parse(await json("/api/facets"));
  expect(facets).toEqual({
    items: 15,
    complete: true,
    facets: [
      {
        facet: "theme",
        more: 0,
        labels: [
          { label: "bread", items: 5 },
          { label: "chess", items: 5 },
          { label: "rivers", items: 5 },
        ],
      },
    ],
  });
  expect((await world.request("/api/facets", { key: null })).status).toBe(401);
});

test("statistics of features are of a seeded sample of people", async () => {
  await world.store(
    ["ann", "bob", "eve"].map((user) =>
      world.event(user, { item_id: "bread-1", reaction: "like" }),
    ),
  );
  await world.features.save(world.keyOf("ann"), {
    values: new Map([["tip_volume_30d", 3]]),
    computedAtMs: world.clock.now() - 5_000,
    revision: 1,
  });
  const stats = featureStatsResponse.parse(await json("/api/features/stats?sample=10&seed=4"));
  expect(stats.people).toBe(3);
  const volume = stats.features.find(({ name }) => name === "tip_volume_30d");
  expect(volume).toMatchObject({ computed: 1, stale_share: 0, age_ms: { p50: 5_000, p90: 5_000 } });
  expect(volume?.fallback_share).toBeCloseTo(2 / 3);
  expect(volume?.normalized.reduce((sum, count) => sum + count, 0)).toBe(1);
  const other = stats.features.find(({ name }) => name === "preferred_hour");
  expect(other).toMatchObject({ computed: 0, fallback_share: 1, age_ms: { p50: null, p90: null } });
  const one = featureStatsResponse.parse(await json("/api/features/stats?sample=1"));
  expect(one.people).toBe(1);
});
