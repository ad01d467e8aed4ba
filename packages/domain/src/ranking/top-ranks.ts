/** Keeps the best `k` of what is pushed, where ties are settled by a number. */
export interface TopRanks {
  /** Whether a push of this would change anything; NaN never does. */
  wants(rank: number, score: number): boolean;
  /** Of two equal scores the smaller rank is better. Each rank once. */
  push(rank: number, score: number): void;
  /** A push below this score changes nothing; -Infinity until there are `k`. */
  floor(): number;
  /** Best first. Empties the keeper. */
  take(): { rank: number; score: number }[];
}

/**
 * `createTopK` for things that have a place in the order of their ids: where many scores are equal
 * it compares numbers and no texts. The result does not depend on the order of pushes.
 */
export function createTopRanks(k: number): TopRanks {
  const scores: number[] = [];
  const ranks: number[] = [];

  /** Whether the entry at `place` is worse than this one. */
  const isWorse = (place: number, rank: number, score: number): boolean => {
    const own = scores[place]!;
    return own === score ? ranks[place]! > rank : own < score;
  };
  const put = (place: number, rank: number, score: number): void => {
    scores[place] = score;
    ranks[place] = rank;
  };
  /** Puts an entry where it belongs at or below the root of the first `size`; the worst is on top. */
  const sink = (size: number, rank: number, score: number): void => {
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      const right = child + 1;
      if (right < size && isWorse(right, ranks[child]!, scores[child]!)) child = right;
      if (!isWorse(child, rank, score)) break;
      put(at, ranks[child]!, scores[child]!);
      at = child;
    }
    put(at, rank, score);
  };
  /** Puts an entry where it belongs at or above a new last place. */
  const rise = (rank: number, score: number): void => {
    let at = scores.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isWorse(parent, rank, score)) break;
      put(at, ranks[parent]!, scores[parent]!);
      at = parent;
    }
    put(at, rank, score);
  };
  const wants = (rank: number, score: number): boolean =>
    scores.length < k ? !Number.isNaN(score) : k > 0 && isWorse(0, rank, score);

  return {
    wants,
    push(rank, score) {
      if (!wants(rank, score)) return;
      if (scores.length < k) rise(rank, score);
      else sink(k, rank, score);
    },
    floor: () =>
      scores.length < k ? Number.NEGATIVE_INFINITY : (scores[0] ?? Number.POSITIVE_INFINITY),
    take() {
      const best: { rank: number; score: number }[] = [];
      for (let size = scores.length; size > 0; size--) {
        best.push({ rank: ranks[0]!, score: scores[0]! });
        const last = size - 1;
        if (last > 0) sink(last, ranks[last]!, scores[last]!);
      }
      scores.length = ranks.length = 0;
      return best.reverse();
    },
  };
}
