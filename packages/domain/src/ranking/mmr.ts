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
 * and likeness is only worked out for candidates whose bound leads (lazy greedy): exact, and most
 * pairs are never compared.
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

  const refresh = (at: number): void => {
    let nearest = closest[at]!;
    for (let p = compared[at]!; p < picks.length && nearest < 1; p++) {
      nearest = Math.max(nearest, itemLikeness(views[at]!, views[picks[p]!]!));
    }
    closest[at] = nearest;
    compared[at] = picks.length;
    bounds[at] = relevance[at]! - (1 - lambda) * nearest;
  };
  const leader = (crowded: ReadonlySet<number>): number => {
    let best = -1;
    for (let at = 0; at < n; at++) {
      if (taken[at] === 1 || (best >= 0 && bounds[at]! < bounds[best]!)) continue;
      if (crowded.has(views[at]!.mainTag)) continue;
      if (best < 0 || bounds[at]! > bounds[best]! || before(views[at]!, views[best]!)) best = at;
    }
    return best;
  };

  while (picks.length < Math.min(limit, n)) {
    const crowded = crowdedTags(views, picks, tagCap);
    let next = leader(crowded);
    if (next < 0) {
      crowded.clear();
      next = leader(crowded);
    }
    while (compared[next]! < picks.length) {
      refresh(next);
      next = leader(crowded);
    }
    taken[next] = 1;
    picks.push(next);
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
