/**
 * Damping for people who dismiss much of what they are shown: the dismiss rate times how unlike a
 * candidate is to what the person is known to like, so that who dismisses much gets less that is
 * unproven. 0 for everybody who dismisses nothing.
 *
 * @param rate dismiss rate, [0, 1].
 * @param likeness values of the scorers that compare a candidate with the person, each in [0, 1].
 */
export function dismissalScores(
  n: number,
  rate: number,
  likeness: readonly (Float64Array | undefined)[],
): Float64Array {
  const values = new Float64Array(n);
  if (!(rate > 0)) return values;
  for (let at = 0; at < n; at++) {
    let best = 0;
    for (const own of likeness) if (own !== undefined && own[at]! > best) best = own[at]!;
    values[at] = rate * (1 - Math.min(1, best));
  }
  return values;
}
