import { compareCodePoints } from "../events/order.ts";

/** Keeps the best `k` of what is pushed. */
export interface TopK {
  /** `index` names the thing; `id` breaks ties (the smaller in code point order is better). */
  push(index: number, score: number, id: string): void;
  /** A push below this score changes nothing; -Infinity until there are `k`. */
  floor(): number;
  /** Best first. Empties the keeper. */
  take(): { index: number; score: number }[];
}

/**
 * Partial selection by a binary heap with the worst kept entry at its root: n log k at worst, and
 * close to n when most of what is pushed is worse than the worst kept. The result does not depend
 * on the order of pushes.
 */
export function createTopK(k: number): TopK {
  const scores: number[] = [];
  const indices: number[] = [];
  const ids: string[] = [];

  /** Whether the entry at `place` is worse than this one. */
  const isWorse = (place: number, score: number, id: string): boolean => {
    const own = scores[place]!;
    return own === score ? compareCodePoints(ids[place]!, id) > 0 : own < score;
  };
  const move = (from: number, to: number): void => {
    scores[to] = scores[from]!;
    indices[to] = indices[from]!;
    ids[to] = ids[from]!;
  };
  const put = (place: number, index: number, score: number, id: string): void => {
    scores[place] = score;
    indices[place] = index;
    ids[place] = id;
  };
  /** Puts an entry where it belongs at or below the root of the first `size`. */
  const sink = (size: number, index: number, score: number, id: string): void => {
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      const right = child + 1;
      if (right < size && isWorse(right, scores[child]!, ids[child]!)) child = right;
      if (!isWorse(child, score, id)) break;
      move(child, at);
      at = child;
    }
    put(at, index, score, id);
  };
  /** Puts an entry where it belongs at or above a new last place. */
  const rise = (index: number, score: number, id: string): void => {
    let at = scores.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isWorse(parent, score, id)) break;
      move(parent, at);
      at = parent;
    }
    put(at, index, score, id);
  };

  return {
    push(index, score, id) {
      if (scores.length < k) {
        rise(index, score, id);
        return;
      }
      const worst = scores[0];
      if (worst === undefined || score < worst) return;
      if (score === worst && compareCodePoints(id, ids[0]!) >= 0) return;
      sink(k, index, score, id);
    },
    floor: () =>
      scores.length < k ? Number.NEGATIVE_INFINITY : (scores[0] ?? Number.POSITIVE_INFINITY),
    take() {
      const best: { index: number; score: number }[] = [];
      for (let size = scores.length; size > 0; size--) {
        best.push({ index: indices[0]!, score: scores[0]! });
        const last = size - 1;
        if (last > 0) sink(last, indices[last]!, scores[last]!, ids[last]!);
      }
      scores.length = indices.length = ids.length = 0;
      return best.reverse();
    },
  };
}
