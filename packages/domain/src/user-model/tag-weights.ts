import { compareCodePoints } from "../events/order.ts";
import type { ItemFacts } from "./item-facts.ts";
import type { TagWeights } from "./types.ts";

/** An item and how much it counts, > 0. */
export interface WeighedItem {
  itemId: string;
  weight: number;
  facts: ItemFacts;
}

/** Decimals a stored weight keeps: finer than any use, a third of the bytes. */
const SCALE = 1e6;

/** A weight as it is stored. Rounding is monotone, so no order is turned round. */
export function storedWeight(weight: number): number {
  return Math.round(weight * SCALE) / SCALE;
}

/** Entries by weight, heaviest first, ties by key; at most `max`, none that rounds to nothing. */
export function topWeights(
  entries: Iterable<readonly [string, number]>,
  max: number,
): Record<string, number> {
  const kept: [string, number][] = [];
  for (const [key, weight] of entries) {
    const stored = storedWeight(weight);
    if (stored > 0) kept.push([key, stored]);
  }
  kept.sort((a, b) => b[1] - a[1] || compareCodePoints(a[0], b[0]));
  // Not assignment: an id may be `__proto__`.
  return Object.fromEntries(kept.slice(0, max));
}

/** Mass of each tag: sum over the items of weight x tag weight, added in the order given. */
export function tagMass(items: readonly WeighedItem[]): Map<string, number> {
  const mass = new Map<string, number>();
  for (const { weight, facts } of items) {
    for (const tag of facts.tags) {
      mass.set(tag.key, (mass.get(tag.key) ?? 0) + weight * tag.weight);
    }
  }
  return mass;
}

/** `a` and `b` added up key by key. */
export function addMass(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): Map<string, number> {
  const sum = new Map(a);
  for (const [key, mass] of b) sum.set(key, (sum.get(key) ?? 0) + mass);
  return sum;
}

/** What of `a` is left after `b`, key by key, where anything is. */
export function subtractMass(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): Map<string, number> {
  const rest = new Map<string, number>();
  for (const [key, mass] of a) {
    const left = mass - (b.get(key) ?? 0);
    if (left > 0) rest.set(key, left);
  }
  return rest;
}

/** Masses relative to the greatest, top `max`. */
export function tagWeights(mass: ReadonlyMap<string, number>, max: number): TagWeights {
  let greatest = 0;
  for (const value of mass.values()) greatest = Math.max(greatest, value);
  if (greatest === 0) return {};
  return topWeights(
    [...mass].map(([key, value]) => [key, value / greatest] as const),
    max,
  );
}
