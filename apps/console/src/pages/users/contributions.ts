/** One scorer's part of a score, as a bar shows it. */
export interface Part {
  scorer: string;
  value: number;
  /** Of all positive parts, in percent; 0 for what lowers the score. */
  width: number;
}

/**
 * Parts of a score from the largest down; parts too small to be seen are left out.
 * @param contributions scorer -> weighted share of the score
 */
export function partsOf(contributions: Readonly<Record<string, number>>): Part[] {
  const all = Object.entries(contributions).filter(([, value]) => Math.abs(value) >= 0.0005);
  const sum = all.reduce((total, [, value]) => total + Math.max(0, value), 0);
  return all
    .map(([scorer, value]) => ({
      scorer,
      value,
      width: sum === 0 ? 0 : (Math.max(0, value) / sum) * 100,
    }))
    .sort((a, b) => b.value - a.value);
}
