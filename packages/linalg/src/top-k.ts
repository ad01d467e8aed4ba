/**
 * Rows of the k largest finite scores, best first; of equal scores the smaller row comes first.
 * Partial selection: a heap of k with the worst at its root. A row with `leftOut[row] != 0` is skipped.
 */
export function topK(scores: ArrayLike<number>, k: number, leftOut?: Uint8Array): Uint32Array {
  const size = Math.min(k, scores.length);
  const heap = new Uint32Array(size);
  const isWorse = (a: number, b: number) =>
    scores[a]! < scores[b]! || (scores[a] === scores[b] && a > b);
  const sink = (row: number, length: number) => {
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && isWorse(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isWorse(heap[child]!, row)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = row;
  };
  if (size === 0) return heap;
  let kept = 0;
  for (let row = 0; row < scores.length; row++) {
    if ((leftOut !== undefined && leftOut[row] !== 0) || !Number.isFinite(scores[row])) continue;
    if (kept < size) {
      let at = kept++;
      for (; at > 0; at = (at - 1) >> 1) {
        const parent = heap[(at - 1) >> 1]!;
        if (!isWorse(row, parent)) break;
        heap[at] = parent;
      }
      heap[at] = row;
    } else if (isWorse(heap[0]!, row)) sink(row, kept);
  }
  const best = new Uint32Array(kept);
  for (let length = kept; length > 0; length--) {
    best[length - 1] = heap[0]!;
    sink(heap[length - 1]!, length - 1);
  }
  return best;
}
