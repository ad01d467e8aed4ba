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

  const worse = (a: number, b: number): boolean => {
    const x = scores[a]!;
    const y = scores[b]!;
    return x === y ? compareCodePoints(ids[a]!, ids[b]!) > 0 : x < y;
  };
  const swap = (a: number, b: number): void => {
    [scores[a], scores[b]] = [scores[b]!, scores[a]!];
    [indices[a], indices[b]] = [indices[b]!, indices[a]!];
    [ids[a], ids[b]] = [ids[b]!, ids[a]!];
  };
  const sink = (size: number): void => {
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      if (left >= size) return;
      const child = left + 1 < size && worse(left + 1, left) ? left + 1 : left;
      if (!worse(child, at)) return;
      swap(child, at);
      at = child;
    }
  };
  const rise = (): void => {
    for (let at = scores.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!worse(at, parent)) return;
      swap(at, parent);
      at = parent;
    }
  };

  return {
    push(index, score, id) {
      if (scores.length < k) {
        scores.push(score);
        indices.push(index);
        ids.push(id);
        rise();
        return;
      }
      const worst = scores[0];
      if (worst === undefined || score < worst) return;
      if (score === worst && compareCodePoints(id, ids[0]!) >= 0) return;
      scores[0] = score;
      indices[0] = index;
      ids[0] = id;
      sink(k);
    },
    floor: () =>
      scores.length < k ? Number.NEGATIVE_INFINITY : (scores[0] ?? Number.POSITIVE_INFINITY),
    take() {
      const best: { index: number; score: number }[] = [];
      for (let size = scores.length; size > 0; size--) {
        best.push({ index: indices[0]!, score: scores[0]! });
        swap(0, size - 1);
        sink(size - 1);
      }
      scores.length = indices.length = ids.length = 0;
      return best.reverse();
    },
  };
}
