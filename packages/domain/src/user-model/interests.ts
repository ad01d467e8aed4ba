import { compareCodePoints } from "../events/order.ts";
import type { SignalsConfig } from "./config.ts";
import type { ItemFacts } from "./item-facts.ts";
import type { WeighedItem } from "./tag-weights.ts";

function cosineOfTags(a: ItemFacts, b: ItemFacts): number {
  let dot = 0;
  for (const tag of a.tags) {
    const other = b.tags.find(({ key }) => key === tag.key);
    if (other !== undefined) dot += tag.weight * other.weight;
  }
  if (dot === 0) return 0;
  const squares = (facts: ItemFacts): number =>
    facts.tags.reduce((sum, { weight }) => sum + weight * weight, 0);
  return dot / Math.sqrt(squares(a) * squares(b));
}

/** Cosine of two items: of their vectors where both have one of equal length, else of their tags. */
export function itemSimilarity(a: ItemFacts, b: ItemFacts): number {
  const { vector: x, norm: xn } = a;
  const { vector: y, norm: yn } = b;
  if (x === undefined || y === undefined || xn === 0 || yn === 0 || x.length !== y.length) {
    return cosineOfTags(a, b);
  }
  let dot = 0;
  for (let i = 0; i < x.length; i++) dot += (x[i] ?? 0) * (y[i] ?? 0);
  return dot / (xn * yn);
}

/**
 * Items that stand for separate interests, greedily: the one with the most weight within reach
 * (similarity >= `similarity`), then the same among what is left, while it stands for `minShare`.
 */
export function pickInterests(
  liked: readonly WeighedItem[],
  options: SignalsConfig["interests"],
): string[] {
  const pool = [...liked]
    .sort((a, b) => b.weight - a.weight || compareCodePoints(a.itemId, b.itemId))
    .slice(0, options.pool);
  const near = pool.map((_, i) => new Set([i]));
  pool.forEach((a, i) => {
    for (let j = 0; j < i; j++) {
      const b = pool[j];
      if (b === undefined || itemSimilarity(a.facts, b.facts) < options.similarity) continue;
      near[i]?.add(j);
      near[j]?.add(i);
    }
  });
  const total = pool.reduce((sum, { weight }) => sum + weight, 0);
  const left = new Set(pool.keys());
  const interests: string[] = [];
  while (interests.length < options.max && left.size > 0) {
    let best = -1;
    let most = 0;
    for (const i of left) {
      const reached = [...left].filter((j) => near[i]?.has(j));
      const weight = reached.reduce((sum, j) => sum + (pool[j]?.weight ?? 0), 0);
      if (weight > most) [best, most] = [i, weight];
    }
    const medoid = pool[best];
    if (medoid === undefined || most < options.minShare * total) break;
    interests.push(medoid.itemId);
    for (const j of near[best] ?? []) left.delete(j);
  }
  return interests;
}
