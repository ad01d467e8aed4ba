import fc from "fast-check";
import { describe, expect, test } from "vitest";

import coldNear from "../../fixtures/ranking/cold-near.json" with { type: "json" };
import warmReader from "../../fixtures/ranking/warm-reader.json" with { type: "json" };
import type { UserSignals } from "../user-model/types.ts";
import { rankingConfig } from "./config.ts";
import { createRanker, rank } from "./rank.ts";
import { SAMPLE_NOW_MS, sampleInput, sampleItem, sampleModel, topics } from "./sample-ranking.ts";
import type { Candidate, ItemSignals, Neighbour, RankingInput } from "./types.ts";

const LABELS = ["a", "b", "c", "d", "e"];
const weight = fc.integer({ min: 1, max: 100 }).map((n) => n / 100);
const ids = fc.uniqueArray(
  fc.integer({ min: 0, max: 30 }).map((n) => `i${n}`),
  { maxLength: 12 },
);
const weights = (keys: fc.Arbitrary<string>) => fc.dictionary(keys, weight, { maxKeys: 5 });
const anyId = fc.integer({ min: 0, max: 30 }).map((n) => `i${n}`);
const anyTag = fc.constantFrom(...LABELS.map((label) => `topic:${label}`));

const anyItem = fc
  .record({
    id: anyId,
    labels: fc.subarray(LABELS),
    vector: fc.option(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 })),
    ageHours: fc.option(fc.integer({ min: -5, max: 500 })),
    place: fc.option(fc.integer({ min: 0, max: 20 })),
  })
  .map(({ id, labels, vector, ageHours, place }) =>
    sampleItem(id, {
      tags: topics(...labels),
      vector: vector ?? undefined,
      published_at:
        ageHours === null
          ? undefined
          : new Date(SAMPLE_NOW_MS - ageHours * 3_600_000).toISOString(),
      lat: place === null ? undefined : 52 + place / 1_000,
      lon: place === null ? undefined : 10,
    }),
  );
const anyModel = fc
  .record({
    n_events: fc.integer({ min: 0, max: 40 }),
    positives: weights(anyId),
    negatives: weights(anyId),
    seenIds: ids,
    recent: ids,
    tag_affinity: weights(anyTag),
    tag_aversion: weights(anyTag),
    tasteOf: fc.constantFrom([1, 0, 0], [1, 1, 1], [0, 0, 0], [1, 2]),
    hours: fc.array(fc.nat(9), { minLength: 24, maxLength: 24 }),
  })
  .map((parts) => sampleModel(parts));
const anyInput: fc.Arbitrary<RankingInput> = fc
  .record({
    items: fc.uniqueArray(anyItem, { maxLength: 25, selector: (item) => item.item_id }),
    model: fc.option(anyModel, { nil: undefined }),
    counted: fc.dictionary(
      anyId,
      fc.record({ trend: weight, quality: weight, popularity: weight }),
    ),
    liked: fc.dictionary(anyId, weights(anyId)),
    near: fc.option(fc.constant({ lat: 52, lon: 10 }), { nil: undefined }),
    profile: fc.option(
      fc.record({
        hourAlignment: fc.option(weight, { nil: undefined }),
        dismissRate: fc.option(weight, { nil: undefined }),
      }),
      { nil: undefined },
    ),
    limit: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ items, model, counted, liked, near, profile, limit }) =>
    sampleInput(items, {
      model,
      near,
      profile,
      limit,
      itemSignals: (id) => own(counted, id),
      neighbours: (id) =>
        Object.entries(own(liked, id) ?? {}).map(([item_id, similarity]) => ({
          item_id,
          similarity,
        })),
    }),
  );

function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

describe("every list", () => {
  test("adds up, names no item twice, keeps the limit and fills it when it can", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { items, pool_size } = rank(input);
        expect(items).toHaveLength(Math.min(input.limit, pool_size));
        expect(new Set(items.map((item) => item.item_id)).size).toBe(items.length);
        expect(items.map((item) => item.rank)).toEqual(items.map((_, place) => place + 1));
        for (const { score, contributions } of items) {
          const sum = Object.values(contributions).reduce((total, part) => total + part, 0);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(Math.abs(sum - score)).toBeLessThan(1e-9);
          expect(score).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });

  test("is the same for any order and repetition of the candidates", () => {
    const shuffled = anyInput.chain((input) =>
      fc.tuple(
        fc.constant(input),
        fc.shuffledSubarray([...input.candidates, ...input.candidates.slice(0, 3)], {
          minLength: input.candidates.length + Math.min(3, input.candidates.length),
        }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([input, candidates]) => {
        expect(rank({ ...input, candidates })).toEqual(rank(input));
      }),
    );
  });

  test("shows nothing seen, hidden, unpublished or expired", () => {
    const hour = 3_600_000;
    const at = (ms: number) => new Date(SAMPLE_NOW_MS + ms).toISOString();
    const items = [
      sampleItem("seen"),
      sampleItem("snoozed"),
      sampleItem("snoozed before"),
      sampleItem("to come", { published_at: at(hour) }),
      sampleItem("over", { expires_at: at(0) }),
      sampleItem("current", { published_at: at(0), expires_at: at(1) }),
    ];
    const model = sampleModel({
      seenIds: ["seen"],
      hidden_until: { snoozed: at(1), "snoozed before": at(0) },
    });
    const shown = rank(sampleInput(items, { model })).items.map((item) => item.item_id);
    expect(shown).toEqual(["current", "snoozed before"]);
  });

  test("never shows what a model has seen", () => {
    fc.assert(
      fc.property(anyInput, ids, (input, seenIds) => {
        const model = sampleModel({ seenIds, positives: { i1: 1 } });
        const shown = rank({ ...input, model }).items.map((item) => item.item_id);
        expect(shown.filter((id) => seenIds.includes(id))).toEqual([]);
      }),
    );
  });

  test("does not depend on what a ranker ranked before", () => {
    const ranker = createRanker();
    fc.assert(
      fc.property(anyInput, (input) => {
        expect(ranker(input)).toEqual(rank(input));
      }),
      { numRuns: 300 },
    );
  });

  test("gives reasons for contributions, largest first, at most three", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        for (const { reasons, contributions } of rank(input).items) {
          expect(reasons.length).toBeLessThanOrEqual(3);
          const given = reasons.map((reason) => reason.weight);
          expect(given).toEqual(given.toSorted((a, b) => b - a));
          for (const reason of reasons) expect(contributions[reason.kind]).toBe(reason.weight);
        }
      }),
    );
  });
});

describe("strategy", () => {
  const items = [sampleItem("b", { tags: topics("x") }), sampleItem("a")];

  test("an unknown user gets a cold list that is not empty", () => {
    const ranking = rank(sampleInput(items));
    expect(ranking.strategy).toBe("cold");
    expect(ranking.items).toHaveLength(2);
  });

  test.each<[string, Partial<UserSignals>]>([
    ["a trait that seeds a tag", { n_events: 1, tag_affinity: { "topic:x": 1 } }],
    ["one liked item", { n_events: 1, positives: { b: 1 } }],
  ])("is warm from %s on", (_, parts) => {
    expect(rank(sampleInput(items, { model: sampleModel(parts) })).strategy).toBe("warm");
  });

  test("a liked tag leads as soon as it is known", () => {
    const model = sampleModel({ n_events: 1, tag_affinity: { "topic:x": 1 } });
    const [first] = rank(sampleInput(items, { model })).items;
    expect(first?.item_id).toBe("b");
    expect(first?.reasons[0]).toMatchObject({ kind: "tag", label: "x", text: "You like x" });
  });

  test("a model without any affinity is cold, and what it dislikes sinks", () => {
    const itemSignals = () => ({ trend: 0.5, quality: 0.5, popularity: 0.5 });
    const model = sampleModel({ tag_aversion: { "topic:x": 1 } });
    const ranking = rank(sampleInput(items, { model, itemSignals }));
    expect(ranking.strategy).toBe("cold");
    expect(ranking.items.map((item) => item.item_id)).toEqual(["a", "b"]);
    expect(ranking.items[1]?.contributions["aversion"]).toBeLessThan(0);
  });

  test("what is only disliked has a floor that brings its score to zero", () => {
    const model = sampleModel({ tag_aversion: { "topic:x": 1 } });
    const last = rank(sampleInput(items, { model })).items.at(-1);
    expect(last).toMatchObject({ score: 0, contributions: { aversion: -0.25, floor: 0.25 } });
  });

  test("nearness counts in cold lists", () => {
    const placed = [
      sampleItem("far", { lat: 52.02, lon: 10 }),
      sampleItem("near", { lat: 52, lon: 10 }),
    ];
    const [first] = rank(sampleInput(placed, { near: { lat: 52, lon: 10 } })).items;
    expect(first?.item_id).toBe("near");
    expect(first?.reasons).toMatchObject([{ kind: "geo", text: "Near you (0 m)" }]);
  });

  test("cold lists hold at most four of one main tag in ten places", () => {
    const many = LABELS.flatMap((label, t) =>
      Array.from({ length: 8 }, (_, i) => sampleItem(`${label}${i}`, { tags: topics(label) })).map(
        (item) => ({ item, trend: 1 - t / 10 }),
      ),
    );
    const trends = new Map(many.map(({ item, trend }) => [item.item_id, trend]));
    const itemSignals = (id: string) => ({ trend: trends.get(id)!, quality: 0, popularity: 0 });
    const { items } = rank(
      sampleInput(
        many.map(({ item }) => item),
        { itemSignals, limit: 20 },
      ),
      rankingConfig({ mmrLambda: 1 }),
    );
    for (let from = 0; from + 10 <= items.length; from++) {
      const window = items.slice(from, from + 10).map((item) => item.item_id[0]);
      for (const label of LABELS) {
        expect(window.filter((own) => own === label).length).toBeLessThanOrEqual(4);
      }
    }
  });
});

describe("golden lists", () => {
  interface Golden {
    model: UserSignals | null;
    candidates: Candidate[];
    signals: Record<string, ItemSignals>;
    neighbours: Record<string, Neighbour[]>;
    known: Candidate["item"][];
    near: RankingInput["near"] | null;
    limit: number;
    ranking: unknown;
  }
  test.each([
    ["warm reader", warmReader],
    ["cold near", coldNear],
  ])("%s", (_, fixture) => {
    const golden = fixture as unknown as Golden;
    const known = new Map(golden.known.map((item) => [item.item_id, item]));
    const ranking = rank({
      model: golden.model ?? undefined,
      candidates: golden.candidates,
      itemSignals: (id) => own(golden.signals, id),
      neighbours: (id) => own(golden.neighbours, id) ?? [],
      content: (id) => known.get(id),
      nowMs: SAMPLE_NOW_MS,
      near: golden.near ?? undefined,
      limit: golden.limit,
    });
    expect(rounded(ranking)).toEqual(golden.ranking);
  });
});

/** Ten digits: the last bits of exp, cos and 2^x may differ between engines. */
function rounded(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === "number" ? Number(part.toFixed(10)) : part,
    ),
  );
}
