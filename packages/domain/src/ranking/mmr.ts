import { compareCodePoints } from "../events/order.ts";
import type { ItemView } from "./item-view.ts";
import { itemLikeness } from "./similarity.ts";

export interface MmrOptions {
  /** 1 = by score alone, 0 = by difference alone. */
  lambda: number;
  tagCap: { max: number; window: number };
  limit: number;
}

/**
 * Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): takes again and again the
 * candidate with the largest `lambda x score / best score - (1 - lambda) x likeness to the closest
 * item taken`, ties by item id. A candidate whose main tag already has `max` of the last
 * `window - 1` places waits, unless all that are left would have to.
 *
 * A candidate's value only falls as items are taken, so a value worked out earlier is an upper bound
 * and likeness is only worked out for the candidate whose bound leads, and only while it does (lazy
 * greedy): exact, and most pairs are never compared.
 *
 * @returns indices of candidates, first place first.
 */
export function diversify(
  views: readonly ItemView[],
  scores: Float64Array,
  options: MmrOptions,
): number[] {
  const { lambda, limit, tagCap } = options;
  const n = views.length;
  let bestScore = 0;
  for (const score of scores) bestScore = Math.max(bestScore, score);
  const relevance = scores.map((score) => (bestScore > 0 ? (lambda * score) / bestScore : 0));
  const bounds = Float64Array.from(relevance);
  const closest = new Float64Array(n);
  const compared = new Int32Array(n);
  const taken = new Uint8Array(n);
  const picks: number[] = [];

  /** Compares with the picks not yet compared with, until the bound is below `floor`. */
  const refresh = (at: number, floor: number): void => {
    let p = compared[at]!;
    while (p < picks.length && bounds[at]! >= floor) {
      const nearest = itemLikeness(views[at]!, views[picks[p++]!]!, closest[at]);
      closest[at] = nearest;
      bounds[at] = relevance[at]! - (1 - lambda) * nearest;
    }
    compared[at] = p;
  };
  const leader = (crowded: ReadonlySet<number>): { first: number; floor: number } => {
    let first = -1;
    let floor = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < n; at++) {
      if (taken[at] === 1 || bounds[at]! < floor) continue;
      if (crowded.size > 0 && crowded.has(views[at]!.mainTag)) continue;
      if (first < 0 || leads(at, first)) {
        if (first >= 0) floor = bounds[first]!;
        first = at;
      } else floor = bounds[at]!;
    }
    return { first, floor };
  };
  const leads = (a: number, b: number): boolean =>
    bounds[a] === bounds[b] ? before(views[a]!, views[b]!) : bounds[a]! > bounds[b]!;

  while (picks.length < Math.min(limit, n)) {
    const crowded = crowdedTags(views, picks, tagCap);
    let next = leader(crowded);
    if (next.first < 0) {
      crowded.clear();
      next = leader(crowded);
    }
    while (compared[next.first]! < picks.length) {
      refresh(next.first, next.floor);
      next = leader(crowded);
    }
    taken[next.first] = 1;
    picks.push(next.first);
  }
  return picks;
}

function before(a: ItemView, b: ItemView): boolean {
  return compareCodePoints(a.id, b.id) < 0;
}

function crowdedTags(
  views: readonly ItemView[],
  picks: readonly number[],
  cap: MmrOptions["tagCap"],
): Set<number> {
  const counts = new Map<number, number>();
  const crowded = new Set<number>();
  for (const pick of picks.slice(Math.max(0, picks.length - cap.window + 1))) {
    const tag = views[pick]!.mainTag;
    if (tag < 0) continue;
    const count = (counts.get(tag) ?? 0) + 1;
    counts.set(tag, count);
    if (count >= cap.max) crowded.add(tag);
  }
  return crowded;
}
