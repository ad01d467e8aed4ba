import type { ContentItem } from "@signalpath/domain";
import { describe, expect, it } from "vitest";

import { decodeEmbedding, encodeEmbedding } from "./codec.ts";
import { seeded } from "./testing/seeded.ts";
import { trainEmbedding, type KnownVectors } from "./train-embedding.ts";
import { createItemPlaces } from "./vector-of.ts";

const TOPICS = 6;
const D = 8;

/** Items of two topics each, and factors that are the sum of what their topics stand for. */
function planted(count: number) {
  const random = seeded(9);
  const topics = Array.from({ length: TOPICS }, () =>
    Array.from({ length: D }, () => random() - 0.5),
  );
  const items: ContentItem[] = [];
  const vectors = new Float32Array(count * D);
  for (let i = 0; i < count; i++) {
    const own = [i % TOPICS, Math.floor(random() * TOPICS)];
    const tags = [...new Set(own)].map((t) => ({ facet: "topic", label: `t${t}` }));
    items.push({ item_id: `i${String(i).padStart(4, "0")}`, title: "", tags });
    for (let j = 0; j < D; j++) {
      const sum = tags.reduce((total, { label }) => total + topics[Number(label[1])]![j]!, 0);
      vectors[i * D + j] = sum + 0.1 * (random() - 0.5);
    }
  }
  return { items, vectors };
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

/** Spearman's rank correlation; ties by place, which random values do not have. */
function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const ranks = (values: readonly number[]) => {
    const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
    const at = Array.from({ length: values.length }, () => 0);
    order.forEach((i, rank) => (at[i] = rank));
    return at;
  };
  const [x, y] = [ranks(a), ranks(b)];
  const n = a.length;
  const squares = x.reduce((sum, rank, i) => sum + (rank - y[i]!) ** 2, 0);
  return 1 - (6 * squares) / (n * (n * n - 1));
}

describe("a space of known vectors", () => {
  const { items, vectors } = planted(240);
  const warm = items.slice(0, 200);
  const known: KnownVectors = {
    method: "ials",
    dimensions: D,
    itemIds: warm.map(({ item_id }) => item_id),
    vectors: vectors.slice(0, 200 * D),
  };

  it("keeps them, and puts cold items where their warm neighbours are", async () => {
    const embedding = await trainEmbedding(items, { random: seeded(1), known });
    const { vectorOf } = createItemPlaces(embedding);
    expect(vectorOf(warm[3]!)).toEqual(Array.from(vectors.subarray(3 * D, 4 * D)));
    const correlations = items.slice(200).map((item, i) => {
      const cold = vectorOf(item)!;
      const truth = Array.from(vectors.subarray((200 + i) * D, (201 + i) * D));
      const nearTo = (from: readonly number[]) =>
        warm.map((_, row) => cosine(from, Array.from(vectors.subarray(row * D, (row + 1) * D))));
      return rankCorrelation(nearTo(cold), nearTo(truth));
    });
    const mean = correlations.reduce((sum, x) => sum + x, 0) / correlations.length;
    expect(mean).toBeGreaterThan(0.9);
  });

  it("refuses vectors of items the catalogue does not have", async () => {
    const foreign = { ...known, itemIds: known.itemIds.map((id) => `x${id}`) };
    await expect(
      trainEmbedding(items, { random: seeded(1), known: foreign }),
    ).rejects.toMatchObject({ code: "NO_CONTENT" });
  });
});

describe("a space of tags", () => {
  const { items } = planted(120);

  it("puts items of one topic closer than those of another, also new ones", async () => {
    const { coldVector } = createItemPlaces(await trainEmbedding(items, { random: seeded(1) }));
    const place = (...labels: string[]) =>
      coldVector({
        title: "",
        tags: labels.map((label) => ({ facet: "topic", label })),
      })!;
    expect(cosine(place("t1"), place("t1", "t2"))).toBeGreaterThan(
      cosine(place("t1"), place("t3", "t4")) + 0.3,
    );
    expect(coldVector({ title: "unheard", tags: [] })).toBeUndefined();
  });

  it("does not depend on the order of the items, and survives its file", async () => {
    const [one, other] = await Promise.all(
      [items, items.toReversed()].map((content) => trainEmbedding(content, { random: seeded(2) })),
    );
    expect(encodeEmbedding(one!).spaceId).toBe(encodeEmbedding(other!).spaceId);
    expect(encodeEmbedding(one!).spaceId).toMatch(/^sp-tags-\d+-[0-9a-f]{12}$/);
    const { hyperparameters, tensors, spaceId } = encodeEmbedding(one!);
    const metadata = {
      kind: "embedding",
      model_id: 1,
      project_id: 1,
      version: 1,
      created_at: "2026-06-12T12:00:00.000Z",
      data_digest: "0".repeat(64),
      rows: 0,
      hyperparameters,
      metrics: {},
    };
    const view = { metadata: { ...metadata, embedding_space: spaceId }, tensors };
    expect(decodeEmbedding(view)).toEqual({ ...one, spaceId });
    expect(() => decodeEmbedding({ metadata, tensors })).toThrow(/embedding_space/);
  });

  it("is refused where nothing tells the items apart", async () => {
    const same = ["a", "b"].map((item_id) => ({ item_id, title: "", tags: [] }));
    await expect(trainEmbedding(same, { random: seeded(1) })).rejects.toMatchObject({
      code: "NO_CONTENT",
    });
  });
});
