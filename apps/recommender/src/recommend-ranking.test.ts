import { recommendResponse, subjects, type RecommendResponse } from "@signalpath/contracts";
import type { RankingVariant } from "@signalpath/domain";
import { createLogger, createMetrics } from "@signalpath/service-kit";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { createMakeList } from "./make-list.ts";
import { createPreview, type PreviewDeps } from "./preview.ts";
import { openWorld, q, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** Freshness, which counts by default, says nothing. */
const NOT_FRESH: RankingVariant = { weights: { freshness: 0 }, cold_weights: { freshness: 0 } };

async function listOf(userId: string, rest = {}): Promise<RecommendResponse> {
  const path = `/api/recommend?${q({ user_id: userId, limit: 14, ...rest })}`;
  return recommendResponse.parse(await (await world.request(path)).json());
}
const replayOf = (userId: string) =>
  listOf(userId, { as_of: new Date(world.clock.now()).toISOString() });
const shown = ({ items }: RecommendResponse) =>
  items.map(({ item_id, score, contributions }) => ({ item_id, score, contributions }));
const idsOf = ({ items }: RecommendResponse) => items.map(({ item_id }) => item_id);
const freshnessIn = ({ items }: RecommendResponse) =>
  items.reduce((sum, { contributions }) => sum + (contributions["freshness"] ?? 0), 0);

async function tell(): Promise<void> {
  const message = { project_id: world.project.id, experiment_id: "e", status: "stopped" };
  await world.bus.publish(subjects.experimentChanged, message);
}

describe("a promoted ranking", () => {
  test.each(["ann", "nobody"])("is that of as_of too, for %s", async (userId) => {
    await world.like("ann", "bread-3");
    expect(freshnessIn(await replayOf(userId))).toBeGreaterThan(0);
    await world.experiments.setRanking(world.project.id, NOT_FRESH);
    await tell();
    await vi.waitFor(async () => expect(freshnessIn(await listOf(userId))).toBe(0));
    const replayed = await replayOf(userId);
    expect(freshnessIn(replayed)).toBe(0);
    const served = await listOf(userId);
    expect(idsOf(replayed)).toEqual(idsOf(served));
    expect(replayed.diagnostics.space).toBe(served.diagnostics.space);
  });

  test("lies under the person's variation in both", async () => {
    const id = randomUUID();
    const ranking: RankingVariant = { cold_weights: { quality: 0 } };
    await world.experiments.setRanking(world.project.id, NOT_FRESH);
    await world.experiments.create({
      id,
      project_id: world.project.id,
      name: "ranking",
      status: "running",
      variations: [0, 1].map((index) => ({ index, name: `v${index}`, weight: 0.5, ranking })),
      hash_seed: id,
      hash_version: 2,
      coverage: 1,
      namespace: null,
      conversion_window_hours: 168,
      metrics: [],
    });
    await tell();
    await vi.waitFor(async () => expect((await listOf("eve")).experiments).toHaveLength(1));
    const [served, replayed] = [await listOf("eve"), await replayOf("eve")];
    expect(freshnessIn(replayed)).toBe(0);
    expect(shown(replayed)).toEqual(shown(served));
    expect(replayed.experiments).toEqual(served.experiments);
  });
});

describe("a preview", () => {
  /** A preview over the same catalogue, ranked by what is promoted. */
  function previewBy(promoted: RankingVariant | undefined) {
    const deps: PreviewDeps = {
      kit: {
        logger: createLogger({ service: "test", level: "warn", write: () => undefined }),
        metrics: createMetrics("test"),
        now: world.clock.now,
        newId: randomUUID,
      },
      makeList: createMakeList(world.content),
      content: world.content,
      stats: { snapshot: () => undefined, degraded: () => false },
      experiments: { rankingOf: () => promoted },
      feed: { space: () => undefined },
    };
    const body = { tag_affinity: {}, like_items: [], demographics: {}, limit: 14 };
    return createPreview(deps)(world.project.id, body);
  }

  test("is ranked by the promoted ranking, as a list is, and names the space", async () => {
    expect(freshnessIn(await previewBy(undefined))).toBeGreaterThan(0);
    await world.experiments.setRanking(world.project.id, NOT_FRESH);
    await tell();
    await vi.waitFor(async () => expect(freshnessIn(await listOf("nobody"))).toBe(0));
    const served = await listOf("nobody");
    const preview = await previewBy(NOT_FRESH);
    expect(shown(preview)).toEqual(shown(served));
    expect(preview.diagnostics.space).toBe(served.diagnostics.space);
  });
});
