import { randomUUID } from "node:crypto";

import { recommendResponse, subjects, type RecommendResponse } from "@signalpath/contracts";
import { assignVariation, type RankingVariant } from "@signalpath/domain";
import { UnavailableError, type ExperimentStatus, type Experiments } from "@signalpath/ports";
import { afterEach, describe, expect, test, vi } from "vitest";

import { openWorld, q, type World } from "./test-world.ts";

const opened: World[] = [];
async function open(change?: Parameters<typeof openWorld>[0]): Promise<World> {
  const world = await openWorld(change);
  opened.push(world);
  return world;
}
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

async function recommend(world: World, userId: string, rest = {}): Promise<RecommendResponse> {
  const response = await world.request(`/api/recommend?${q({ user_id: userId, ...rest })}`);
  expect(response.status).toBe(200);
  return recommendResponse.parse(await response.json());
}
const idsOf = (list: RecommendResponse) => list.items.map((item) => item.item_id);

/** Lists of one theme after the other, by freshness alone: nothing like the default. */
const PLAIN: RankingVariant = {
  cold_weights: { freshness: 1, trend: 0, quality: 0, geo: 0 },
  mmr_lambda: 1,
  tag_cap: { max: 100, window: 1 },
};

function announce(world: World, experimentId: string, status: ExperimentStatus): Promise<unknown> {
  const message = { project_id: world.project.id, experiment_id: experimentId, status };
  return world.bus.publish(subjects.experimentChanged, message);
}

/** A running experiment, told to the recommender as the service would tell it. */
async function start(
  world: World,
  rankings: readonly (RankingVariant | undefined)[],
  changes: { coverage?: number; namespace?: { id: string; start: number; end: number } } = {},
): Promise<string> {
  const id = randomUUID();
  await world.experiments.create({
    id,
    project_id: world.project.id,
    name: "ranking",
    status: "running",
    variations: rankings.map((ranking, index) => ({
      index,
      name: `v${index}`,
      weight: 1 / rankings.length,
      ...(ranking === undefined ? {} : { ranking }),
    })),
    hash_seed: id,
    hash_version: 2,
    coverage: 1,
    namespace: null,
    conversion_window_hours: 168,
    metrics: [],
    ...changes,
  });
  await announce(world, id, "running");
  return id;
}

async function stop(world: World, id: string): Promise<void> {
  await world.experiments.update(id, () => ({ status: "stopped" }));
  await announce(world, id, "stopped");
}

/** A user whom the hash gives this variation of two equal ones. */
function userOf(experimentId: string, variationIndex: number): string {
  const rule = { hash_seed: experimentId, hash_version: 2, coverage: 1, weights: [0.5, 0.5] };
  for (let n = 0; ; n++) {
    if (assignVariation(rule, `u${n}`).variation_index === variationIndex) return `u${n}`;
  }
}

const assigned = (list: RecommendResponse) =>
  list.experiments.map(({ experiment_id, variation_index }) => [experiment_id, variation_index]);

describe("a running experiment with rankings", () => {
  test("two variations rank differently, each the same for its users; stop restores the default", async () => {
    const world = await open();
    const before = await recommend(world, "anybody", { limit: 15 });
    expect(before.experiments).toEqual([]);
    const id = await start(world, [undefined, PLAIN]);
    const [control, treated] = [userOf(id, 0), userOf(id, 1)];
    await vi.waitFor(async () =>
      expect(assigned(await recommend(world, control))).toEqual([[id, 0]]),
    );
    const one = await recommend(world, treated, { limit: 15 });
    expect(assigned(one)).toEqual([[id, 1]]);
    expect(idsOf(one)).not.toEqual(idsOf(before));
    expect(idsOf(one).slice(0, 5)).toEqual([5, 4, 3, 2, 1].map((n) => `chess-${n}`));
    expect(idsOf(await recommend(world, control, { limit: 15 }))).toEqual(idsOf(before));
    const again = await recommend(world, treated, { limit: 15 });
    expect({ ...again, request_id: "" }).toEqual({ ...one, request_id: "" });
    // Another list of the same people: what was scored for one variation is not the other's.
    const longer = { limit: 15, exclude: "chess-5" };
    expect(idsOf(await recommend(world, treated, longer))).toEqual(idsOf(one).slice(1));
    expect(idsOf(await recommend(world, control, longer))).not.toEqual(idsOf(one).slice(1));
    await stop(world, id);
    await vi.waitFor(async () => expect((await recommend(world, treated)).experiments).toEqual([]));
    expect(idsOf(await recommend(world, treated, { limit: 15 }))).toEqual(idsOf(before));
  });

  test("is ranked by for people with a model too", async () => {
    const world = await open();
    await world.like("ann", "bread-3");
    const before = await recommend(world, "ann", { limit: 14 });
    const only = { weights: { semantic: 0, affinity: 0, tag: 0, recency: 1, collaborative: 0 } };
    const started = await start(world, [only, only]);
    await vi.waitFor(async () =>
      expect((await recommend(world, "ann")).experiments[0]?.experiment_id).toBe(started),
    );
    const after = await recommend(world, "ann", { limit: 14 });
    expect(after.strategy).toBe("warm");
    expect(Object.keys(before.items[0]?.contributions ?? {})).toContain("tag");
    for (const { contributions, score } of after.items) {
      expect(Object.keys(contributions)).not.toContain("tag");
      const sum = Object.values(contributions).reduce((total, part) => total + part, 0);
      expect(Math.abs(sum - score)).toBeLessThan(1e-9);
    }
  });

  test("of several the oldest that takes the user in applies, and no second one", async () => {
    const world = await open();
    await start(world, [PLAIN, PLAIN], { coverage: 0 });
    world.clock.advance(1);
    const first = await start(world, [PLAIN, undefined]);
    world.clock.advance(1);
    const second = await start(world, [PLAIN, PLAIN]);
    await vi.waitFor(async () =>
      expect((await recommend(world, "u")).experiments.map((one) => one.experiment_id)).toEqual([
        first,
      ]),
    );
    await stop(world, first);
    await vi.waitFor(async () =>
      expect((await recommend(world, "u")).experiments.map((one) => one.experiment_id)).toEqual([
        second,
      ]),
    );
  });

  test("without a ranking, or of another project, is none of this app's business", async () => {
    const world = await open();
    const other = await world.projects.create("other");
    const { key } = await world.issue(other.id, ["read"]);
    await start(world, [undefined, undefined]);
    const id = await start(world, [PLAIN, PLAIN]);
    await vi.waitFor(async () =>
      expect((await recommend(world, "u")).experiments[0]?.experiment_id).toBe(id),
    );
    const foreign = await world.request("/api/recommend?user_id=u", { key });
    expect(((await foreign.json()) as RecommendResponse).experiments).toEqual([]);
  });

  test("may switch a profile feature on that is off for everybody", async () => {
    const world = await open();
    const asked: string[] = [];
    const spied = await open((deps) => ({
      features: {
        ...deps.features,
        get: (...given) => {
          asked.push("features");
          return deps.features.get(...given);
        },
      },
    }));
    for (const one of [world, spied]) await one.like("ann", "bread-3");
    await recommend(spied, "ann");
    expect(asked).toEqual([]);
    await start(spied, [{ dismiss_damping: true }, { dismiss_damping: true }]);
    await vi.waitFor(async () =>
      expect((await recommend(spied, "ann")).experiments).toHaveLength(1),
    );
    expect(asked.length).toBeGreaterThan(0);
  });
});

describe("what is heard", () => {
  test("during a reading is not missed", async () => {
    const gate: { open?: () => void; readings: number } = { readings: 0 };
    const world = await open((deps) => {
      const list: Experiments["list"] = async (request) => {
        const page = await deps.experiments.list(request);
        gate.readings += 1;
        // The second reading has read its rows and does not come back yet.
        if (gate.readings === 2) await new Promise<void>((resolve) => (gate.open = resolve));
        return page;
      };
      return { experiments: { ...deps.experiments, list } };
    });
    await announce(world, "none", "draft");
    await vi.waitFor(() => expect(gate.open).toBeDefined());
    const id = await start(world, [PLAIN, PLAIN]);
    gate.open?.();
    await vi.waitFor(async () =>
      expect((await recommend(world, "u")).experiments[0]?.experiment_id).toBe(id),
    );
  });

  test("a store that is down: ranked as for everybody, and said", async () => {
    let down = true;
    const world = await open((deps) => {
      const list: Experiments["list"] = (request) =>
        down
          ? Promise.reject(new UnavailableError("postgres", "gone"))
          : deps.experiments.list(request);
      return { experiments: { ...deps.experiments, list } };
    });
    const plain = await recommend(await open(), "u", { limit: 15 });
    const id = await start(world, [PLAIN, PLAIN]);
    const list = await recommend(world, "u", { limit: 15 });
    expect(list.diagnostics.degraded).toEqual(["experiments"]);
    expect(list.experiments).toEqual([]);
    expect(idsOf(list)).toEqual(idsOf(plain));
    down = false;
    await announce(world, id, "running");
    await vi.waitFor(async () =>
      expect((await recommend(world, "u")).diagnostics.degraded).toEqual([]),
    );
    expect(assigned(await recommend(world, "u"))[0]?.[0]).toBe(id);
    down = true;
    await announce(world, id, "running");
    await vi.waitFor(async () => expect((await recommend(world, "u")).experiments).toEqual([]));
    expect(idsOf(await recommend(world, "u", { limit: 15 }))).toEqual(idsOf(plain));
  });
});
