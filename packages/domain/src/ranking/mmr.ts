import { compareCodePoints } from "../events/order.ts";
import type { ItemView } from "./item-view.ts";
import { itemLikeness } from "./similarity.ts";

export interface MmrOptions {
  /** 1 = by score alone, 0 = by difference alone. */
  lambda: number;
  tagCap: { max: number; window: number };
  limit: number;
  /** By candidate: 1 = it counts as if it were none; absent = all count. */
  out?: Uint8Array | undefined;
  /** Candidates by score, best first, ties by item id, from callers that have them so. */
  order?: Int32Array | undefined;
}

/**
 * Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): takes again and again the
 * candidate with the largest `lambda x score / best score - (1 - lambda) x likeness to the closest
 * item taken`, ties by item id. A candidate whose main tag already has `max` of the last
 * `window - 1` places waits, unless all that are left would have to.
 *
 * A candidate's value only falls as items are taken, so a value worked out earlier is an upper bound
 * and likeness is only worked out for the candidate whose bound leads, and only while it does (lazy
 * greedy, bounds in a heap): exact, and most pairs are never compared.
 *
 * A smaller `limit` takes the first of what a larger one takes.
 *
 * @returns indices of candidates, first place first.
 */
export function diversify(
  views: readonly ItemView[],
  scores: Float64Array,
  options: MmrOptions,
): number[] {
  const { lambda, limit, tagCap, out, order } = options;
  const n = views.length;
  let bestScore = 0;
  for (let at = 0; at < n; at++) {
    if (scores[at]! > bestScore && out?.[at] !== 1) bestScore = scores[at]!;
  }
  const relevance = new Float64Array(n);
  if (bestScore > 0)
    for (let at = 0; at < n; at++) relevance[at] = (lambda * scores[at]!) / bestScore;
  const bounds = relevance.slice();
  const closest = new Float64Array(n);
  const compared = new Int32Array(n);
  const picks: number[] = [];
  const left = createLeaders(bounds, views, out, order);

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
  /** Takes the best whose main tag is not crowded out of `left`; those passed over wait. */
  const takeBest = (crowded: ReadonlySet<number>, waiting: number[]): number => {
    for (let first = left.first(); first >= 0; first = left.first()) {
      if (crowded.size > 0 && crowded.has(views[first]!.mainTag)) waiting.push(left.takeFirst());
      else if (compared[first] === picks.length) return left.takeFirst();
      else {
        refresh(first, left.secondBound());
        left.firstFell();
      }
    }
    return -1;
  };

  const length = Math.min(limit, left.size());
  while (picks.length < length) {
    const waiting: number[] = [];
    let next = takeBest(crowdedTags(views, picks, tagCap), waiting);
    for (const at of waiting) left.add(at);
    if (next < 0) next = takeBest(NONE_CROWDED, waiting);
    picks.push(next);
  }
  return picks;
}

const NONE_CROWDED: ReadonlySet<number> = new Set();

/** Candidates by bound, largest first, ties by item id. */
interface Leaders {
  size(): number;
  /** -1 when there is none. */
  first(): number;
  takeFirst(): number;
  /** Largest bound beside the first one's; -Infinity when there is none. */
  secondBound(): number;
  /** The bound of the first was lowered. */
  firstFell(): void;
  add(at: number): void;
}

/**
 * A binary heap of all candidates but those `out`; only the first's bound may change.
 * @param order where it begins: sorted by bounds, nothing is left to move.
 */
function createLeaders(
  bounds: Float64Array,
  views: readonly ItemView[],
  out: Uint8Array | undefined,
  order: Int32Array | undefined,
): Leaders {
  let size = 0;
  const heap = new Int32Array(views.length);
  for (let i = 0; i < views.length; i++) {
    const at = order === undefined ? i : order[i]!;
    if (out?.[at] !== 1) heap[size++] = at;
  }

  const leads = (a: number, b: number): boolean =>
    bounds[a] === bounds[b] ? before(views[a]!, views[b]!) : bounds[a]! > bounds[b]!;
  const sink = (from: number): void => {
    const moved = heap[from]!;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= size) break;
      if (child + 1 < size && leads(heap[child + 1]!, heap[child]!)) child++;
      if (!leads(heap[child]!, moved)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = moved;
  };
  const boundAt = (place: number): number =>
    place < size ? bounds[heap[place]!]! : Number.NEGATIVE_INFINITY;

  for (let place = (size >> 1) - 1; place >= 0; place--) sink(place);
  return {
    size: () => size,
    first: () => (size > 0 ? heap[0]! : -1),
    takeFirst() {
      const first = heap[0]!;
      heap[0] = heap[--size]!;
      if (size > 0) sink(0);
      return first;
    },
    secondBound: () => Math.max(boundAt(1), boundAt(2)),
    firstFell: () => sink(0),
    add(at) {
      let place = size++;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (!leads(at, heap[parent]!)) break;
        heap[place] = heap[parent]!;
        place = parent;
      }
      heap[place] = at;
    },
  };
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
