import { setImmediate as turn } from "node:timers/promises";

import { topics, type ShadowComparisons } from "@signalpath/contracts";
import type { DeploymentSlot } from "@signalpath/ports";
import { createLogger } from "@signalpath/service-kit";
import { expect, onTestFinished, test } from "vitest";

import { createLiveRequests } from "./live-requests.ts";
import type { Scorer } from "./scorer.ts";
import type { Serving } from "./serving.ts";
import { createShadows } from "./shadows.ts";
import { openWorld, type World } from "./test-world.ts";

async function withShadow(world: World, options: Parameters<World["model"]>[0] = {}) {
  await world.slot(await world.model());
  const trained_model_id = await world.model(options);
  const slot = { project_id: world.project.id, name: "shadow", trained_model_id, is_active: true };
  return world.stores.deploymentSlots.create({ ...slot, weight: 100, is_shadow: true });
}

const ask = (world: World) =>
  world.post(`/predict/project/${world.project.id}`, { user_id: "u1", cutoff: 3 });

async function comparisons(world: World) {
  const path = `http://test/inference/shadow/project/${world.project.id}`;
  const headers = { "x-api-key": world.key };
  const response = await world.app.fetch(new Request(path, { headers }));
  expect(response.status).toBe(200);
  return ((await response.json()) as ShadowComparisons).slots;
}

test("a shadow of the same model agrees in every place and answers nobody", async () => {
  const world = await openWorld();
  const shadow = await withShadow(world);
  for (let n = 0; n < 3; n++) {
    const body = (await (await ask(world)).json()) as { slot_id: number };
    expect(body.slot_id).not.toBe(shadow.id);
  }
  await expect
    .poll(() => comparisons(world), { timeout: 30_000 })
    .toMatchObject([{ slot_id: shadow.id, compared: 3, errors: 0, dropped: 0, overlap: 1 }]);
  await world.close();
});

test("a shadow that cannot be loaded costs no request and is counted", async () => {
  const world = await openWorld();
  const shadow = await withShadow(world, { corrupt: true });
  expect((await ask(world)).status).toBe(200);
  await expect
    .poll(() => comparisons(world), { timeout: 30_000 })
    .toMatchObject([{ slot_id: shadow.id, compared: 0, errors: 1, overlap: null }]);
  await world.close();
});

const SLOT: DeploymentSlot = {
  id: 5,
  project_id: 1,
  name: "shadow",
  trained_model_id: 7,
  weight: 100,
  is_active: true,
  is_shadow: true,
  variation_index: 1,
  created_at: "2026-01-31T12:00:00.000Z",
  updated_at: "2026-01-31T12:00:00.000Z",
};
const WISH = { user: "u1", k: 3, exclude: [] };
const listed = (...ids: string[]) => ids.map((item_id) => ({ item_id, score: 1 }));

/** Shadows over one scorer; a scoring takes `scoringMs` of a clock that stands still otherwise. */
function open(change: { score?: Scorer["score"]; load?: () => Promise<void> } = {}) {
  const live = createLiveRequests();
  const seen = { scored: 0, pauses: [] as number[], outcomes: [] as string[] };
  const clock = { ms: 0, scoringMs: 2 };
  const score: Scorer["score"] = (query, options) => {
    seen.scored += 1;
    clock.ms += clock.scoringMs;
    return (change.score ?? (() => listed("a", "b", "c")))(query, options);
  };
  const shadows = createShadows({
    serving: {
      models: { get: async () => ({}) } as unknown as Serving["models"],
      loadAside: async () => {
        await change.load?.();
        return { scorer: { score } } as unknown as Awaited<ReturnType<Serving["loadAside"]>>;
      },
    },
    live,
    metrics: { shadowed: (outcome) => void seen.outcomes.push(outcome) },
    random: () => 0.5,
    now: () => clock.ms,
    pause: async (ms) => void seen.pauses.push(ms),
    logger: createLogger({ service: "test", level: "silent" }),
  });
  onTestFinished(() => shadows.close());
  const compared = () => shadows.comparisons(1).slots[0]?.compared ?? 0;
  return { shadows, live, seen, compared };
}

test("scoring waits until no request is being answered, and rests nine times as long", async () => {
  const { shadows, live, seen, compared } = open();
  const request: { end?: () => void } = {};
  const answer = live.during(() => new Promise<void>((resolve) => (request.end = resolve)));
  for (let n = 0; n < 3; n++) shadows.offer([SLOT], WISH, listed("c", "b", "a"));
  for (let n = 0; n < 20; n++) await turn();
  expect(seen.scored).toBe(0);
  request.end?.();
  await answer;
  await expect.poll(compared, { timeout: 30_000 }).toBe(3);
  expect(seen.pauses).toEqual([18, 18, 18]);
  expect(shadows.comparisons(1).slots).toEqual([
    {
      slot_id: 5,
      model_id: 7,
      compared: 3,
      dropped: 0,
      errors: 0,
      overlap: 1,
      rank_correlation: -1,
      scoring_ms: 2,
    },
  ]);
  expect(shadows.comparisons(2).slots).toEqual([]);
});

test("a scorer that throws is counted, and what waits behind it is compared", async () => {
  let calls = 0;
  const { shadows, compared } = open({
    score: () => {
      calls += 1;
      if (calls === 1) throw new Error("broken");
      return calls === 2 ? undefined : listed("x", "a");
    },
  });
  for (let n = 0; n < 3; n++) shadows.offer([SLOT], WISH, listed("a", "b"));
  await expect.poll(compared, { timeout: 30_000 }).toBe(1);
  expect(shadows.comparisons(1).slots).toMatchObject([
    { errors: 2, overlap: 0.5, rank_correlation: null },
  ]);
});

test("what cannot wait is dropped and counted; a share is drawn; an end waits for no load", async () => {
  const never = new Promise<void>(() => undefined);
  const { shadows, seen } = open({ load: () => never });
  shadows.offer([{ ...SLOT, weight: 50 }], WISH, listed("a"));
  expect(seen.outcomes).toEqual([]);
  for (let n = 0; n < 110; n++) shadows.offer([SLOT], WISH, listed("a"));
  // One is on its way, a hundred wait.
  expect(shadows.comparisons(1).slots).toMatchObject([{ dropped: 9, compared: 0, errors: 0 }]);
  expect(seen.outcomes).toEqual(Array.from({ length: 9 }, () => "dropped"));
  await shadows.close();
  shadows.offer([SLOT], WISH, listed("a"));
  expect(seen.scored).toBe(0);
});

test("a shadow's model takes no place of one that answers, and is told of as held", async () => {
  const world = await openWorld(() => ({ settings: { maxModels: 1 } }));
  const shadow = await withShadow(world);
  expect((await ask(world)).status).toBe(200);
  await expect
    .poll(() => comparisons(world), { timeout: 30_000 })
    .toMatchObject([{ slot_id: shadow.id, compared: 1 }]);
  const loaded = await (await world.get("/inference/models")).json();
  expect(loaded).toEqual({ models: [shadow.trained_model_id - 1], count: 1 });
  const told: { models: { model_id: number }[] }[] = [];
  await world.bus.hear(topics.models.name, ({ body }) => void told.push(JSON.parse(body)));
  await world.app.start();
  await expect.poll(() => told.length, { timeout: 30_000 }).toBeGreaterThan(0);
  expect(told[0]?.models.map(({ model_id }) => model_id)).toEqual([
    shadow.trained_model_id - 1,
    shadow.trained_model_id,
  ]);
  await world.close();
});

test("a load that hangs holds neither an answer nor the end of the gateway", async () => {
  const held: { reads: number } = { reads: 0 };
  const world = await openWorld(({ modelFiles }) => ({
    modelFiles: {
      ...modelFiles,
      read: (path, options) => {
        held.reads += 1;
        if (held.reads === 1) return modelFiles.read(path, options);
        return new Promise(() => undefined);
      },
    },
  }));
  await withShadow(world);
  for (let n = 0; n < 3; n++) expect((await ask(world)).status).toBe(200);
  await expect.poll(() => held.reads, { timeout: 30_000 }).toBe(2);
  await world.close();
});

test("comparisons are a project's own", async () => {
  const world = await openWorld();
  const stranger = await world.issue(world.other.id, ["predict"]);
  const path = `http://test/inference/shadow/project/${world.project.id}`;
  const headers = { "x-api-key": stranger.key };
  expect((await world.app.fetch(new Request(path, { headers }))).status).toBe(403);
  expect((await world.get(`/inference/shadow/project/${world.project.id}`)).status).toBe(401);
  await world.close();
});
