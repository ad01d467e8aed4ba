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

/** Entries there is room for at first: `k` may be far more than ever comes. */
const FIRST_ROOM = 256;

/**
 * `createTopK` for things that have a place in the order of their ids: where many scores are equal
 * it compares numbers and no texts. The result does not depend on the order of pushes.
 */
export function createTopRanks(k: number): TopRanks {
  let scores = new Float64Array(Math.max(0, Math.min(k, FIRST_ROOM)));
  let ranks = new Int32Array(scores.length);
  let size = 0;
  let least = k > 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;

  /** Whether the entry at `place` is worse than this one. */
  const isWorse = (place: number, rank: number, score: number): boolean => {
    const own = scores[place]!;
    return own === score ? ranks[place]! > rank : own < score;
  };
  const put = (place: number, rank: number, score: number): void => {
    scores[place] = score;
    ranks[place] = rank;
  };
  /** Puts an entry where it belongs at or below the root of the first `n`; the worst is on top. */
  const sink = (n: number, rank: number, score: number): void => {
    let at = 0;
    for (let child = 1; child < n; child = 2 * at + 1) {
      const right = child + 1;
      if (right < n && isWorse(right, ranks[child]!, scores[child]!)) child = right;
      if (!isWorse(child, rank, score)) break;
      put(at, ranks[child]!, scores[child]!);
      at = child;
    }
    put(at, rank, score);
  };
  /** Puts an entry where it belongs at or above a new last place. */
  const rise = (rank: number, score: number): void => {
    if (size === scores.length) grow();
    let at = size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isWorse(parent, rank, score)) break;
      put(at, ranks[parent]!, scores[parent]!);
      at = parent;
    }
    put(at, rank, score);
  };
  const grow = (): void => {
    const room = Math.min(k, 2 * size);
    const [oldScores, oldRanks] = [scores, ranks];
    scores = new Float64Array(room);
    scores.set(oldScores);
    ranks = new Int32Array(room);
    ranks.set(oldRanks);
  };
  // Comparisons with NaN are false.
  const wants = (rank: number, score: number): boolean =>
    score > least || (score === least && (size < k || ranks[0]! > rank));

  return {
    wants,
    push(rank, score) {
      if (!wants(rank, score)) return;
      if (size < k) rise(rank, score);
      else sink(k, rank, score);
      if (size === k) least = scores[0]!;
    },
    floor: () => least,
    take() {
      const best: { rank: number; score: number }[] = Array.from({ length: size });
      for (let n = size; n > 0; n--) {
        best[n - 1] = { rank: ranks[0]!, score: scores[0]! };
        const last = n - 1;
        if (last > 0) sink(last, ranks[last]!, scores[last]!);
      }
      size = 0;
      least = k > 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      return best;
    },
  };
}
