/** Scores of a scorer on a common scale. */
export interface Standard {
  mean: number;
  /** 1 / standard deviation, or 0 where all are equal. */
  factor: number;
}

/** Mean and spread over the items not in `rows`; no evidence counts as 0. */
export function standardOf(scores: Float64Array, rows: Uint32Array): Standard {
  const left = new Uint8Array(scores.length);
  for (const row of rows) left[row] = 1;
  let count = 0;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    if (left[i] !== 0) continue;
    count += 1;
    sum += scores[i]! || 0;
  }
  const mean = count === 0 ? 0 : sum / count;
  let squares = 0;
  for (let i = 0; i < scores.length; i++) {
    if (left[i] === 0) squares += ((scores[i]! || 0) - mean) ** 2;
  }
  const deviation = Math.sqrt(squares / Math.max(1, count));
  return { mean, factor: deviation > 0 ? 1 / deviation : 0 };
}

/** `weight` z(first) + (1 - weight) z(second), z over the items not in `rows`. */
export function blendScores(
  first: Float64Array,
  second: Float64Array,
  weight: number,
  rows: Uint32Array,
): Float64Array {
  const a = standardOf(first, rows);
  const b = standardOf(second, rows);
  return first.map(
    (score, i) =>
      weight * ((score || 0) - a.mean) * a.factor +
      (1 - weight) * ((second[i]! || 0) - b.mean) * b.factor,
  );
}
