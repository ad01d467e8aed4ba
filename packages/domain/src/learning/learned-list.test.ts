import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createPoolScorer } from "../ranking/pool-scorer.ts";
import {
  SAMPLE_NOW_MS,
  sampleInput,
  sampleItem,
  sampleModel,
  topics,
} from "../ranking/sample-ranking.ts";
import { SCORERS } from "../ranking/types.ts";
import { exploreList, seededRandom } from "./explore.ts";
import { posteriorOf } from "./posterior.ts";
import { addObservations, emptyLearnerSums, type Observation } from "./sums.ts";
import type { LearnerItem } from "./types.ts";

const anyItems = fc.uniqueArray(
  fc
    .record({ id: fc.nat(60), topic: fc.constantFrom("a", "b", "c", "d"), age: fc.nat(500) })
    .map(({ id, topic, age }) =>
      sampleItem(`i${id}`, {
        tags: topics(topic),
        published_at: new Date(SAMPLE_NOW_MS - age * 3_600_000).toISOString(),
      }),
    ),
  { minLength: 1, maxLength: 40, selector: (item) => item.item_id },
);
const anyModel = fc.option(
  fc
    .dictionary(fc.constantFrom("topic:a", "topic:b"), fc.constantFrom(0.25, 0.5, 1))
    .map((tag_affinity) => sampleModel({ tag_affinity })),
  { nil: undefined },
);

const trained = posteriorOf(
  addObservations(
    emptyLearnerSums(),
    Array.from({ length: 300 }, (_, n): Observation => {
      const random = seededRandom(`o${n}`);
      const values = SCORERS.map(() => random());
      return {
        item: { item_id: "x", static_score: values[0]!, values },
        place: 1,
        reward: random() < values[6]! ? 1 : 0,
      };
    }),
  ),
);
const NONE = new Set<string>();

describe("a list of a learner", () => {
  it("that knows nothing is the static list, whatever the pool", () => {
    const posterior = posteriorOf(emptyLearnerSums());
    fc.assert(
      fc.property(anyItems, anyModel, fc.integer({ min: 1, max: 30 }), fc.string(), (...given) => {
        const [items, model, limit, seed] = given;
        const pool = createPoolScorer()(sampleInput(items, { model }));
        const wish = { exclude: NONE, limit, reasonsPerItem: 3 };
        const { shift } = posterior;
        const learned = pool.list({ ...wish, learned: { shift, posterior, seed } });
        expect(learned.ranking.items).toEqual(pool.list(wish).ranking.items);
        expect(learned.decision?.slots).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("that was trained has no item twice, sums that fit, one place of chance in ten, one list a seed", () => {
    fc.assert(
      fc.property(anyItems, anyModel, fc.integer({ min: 1, max: 30 }), fc.string(), (...given) => {
        const [items, model, limit, seed] = given;
        const pool = createPoolScorer()(sampleInput(items, { model }));
        const { shift } = trained;
        const learned = { shift, posterior: trained, seed };
        const wish = { exclude: NONE, limit, reasonsPerItem: 3, learned };
        const { ranking, decision } = pool.list(wish);
        expect(pool.list(wish).ranking).toEqual(ranking);
        const ids = ranking.items.map(({ item_id }) => item_id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids).toHaveLength(Math.min(limit, items.length));
        expect(decision?.items.map(({ item_id }) => item_id)).toEqual(ids.slice(0, 20));
        for (const { score, contributions } of ranking.items) {
          const sum = Object.values(contributions).reduce((total, part) => total + part, 0);
          expect(Math.abs(sum - score)).toBeLessThan(1e-9);
        }
        for (let from = 0; from < ids.length; from += 10) {
          const block = ranking.items.slice(from, from + 10);
          expect(block.filter(({ explored }) => explored).length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("propensities", () => {
  const itemOf = (n: number): LearnerItem => ({
    item_id: `i${n}`,
    static_score: 1 / (n + 1),
    values: SCORERS.map((_, at) => ((n * 7 + at * 3) % 10) / 10),
  });
  const list = Array.from({ length: 10 }, (_, n) => itemOf(n));
  const next = Array.from({ length: 12 }, (_, n) => itemOf(n + 10));

  it("sum to one and are the shares in which actions stand there", () => {
    const counts = new Map<string, number>();
    const wanted = new Map<string, number>();
    const runs = 6_000;
    let slots = 0;
    for (let n = 0; n < runs; n++) {
      for (const { actions, chosen, place } of exploreList(list, next, trained, `r${n}`)) {
        slots += 1;
        const total = actions.reduce((sum, { propensity }) => sum + propensity, 0);
        expect(total).toBeCloseTo(1, 12);
        const name = (at: number) => (at === 0 ? "own" : actions[at]!.item_id);
        expect(actions[0]?.item_id).toBe(`i${place - 1}`);
        counts.set(name(chosen), (counts.get(name(chosen)) ?? 0) + 1);
        actions.forEach(({ propensity }, at) =>
          wanted.set(name(at), (wanted.get(name(at)) ?? 0) + propensity),
        );
      }
    }
    expect(slots).toBe(runs);
    for (const [name, expected] of wanted) {
      const deviation = Math.sqrt(expected);
      expect(Math.abs((counts.get(name) ?? 0) - expected)).toBeLessThan(5 * deviation);
    }
  });

  it("are none while the learner is cold, or where nothing else could be shown", () => {
    const cold = posteriorOf(emptyLearnerSums());
    expect(exploreList(list, next, cold, "r")).toEqual([]);
    expect(exploreList(list, [], trained, "r")).toEqual([]);
  });
});
