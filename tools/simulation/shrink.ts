/**
 * Delta debugging: the shortest form of a list that still fails, as far as leaving out runs of
 * steps, ever shorter ones, can find it.
 *
 * @param fails true when the given steps still show the fault. Must be deterministic.
 * @param maxRuns calls of `fails` at most.
 */
export async function shrink<T>(
  steps: readonly T[],
  fails: (steps: readonly T[]) => Promise<boolean>,
  maxRuns = 600,
): Promise<T[]> {
  let best = [...steps];
  let runs = 0;
  for (let size = Math.ceil(best.length / 2); size >= 1;) {
    let isShorter = false;
    for (let from = 0; from < best.length && runs < maxRuns;) {
      const without = best.toSpliced(from, size);
      runs += 1;
      if (await fails(without)) {
        best = without;
        isShorter = true;
      } else from += size;
    }
    if (runs >= maxRuns) break;
    if (size > 1) size = Math.ceil(size / 2);
    else if (!isShorter) break;
  }
  return best;
}
