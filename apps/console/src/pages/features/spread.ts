/** Ten bins of equal width over [0, 1]; 1 belongs to the last. */
export function spreadOf(values: readonly number[]): { label: string; count: number }[] {
  const bins = Array.from({ length: 10 }, (_, at) => ({ label: `${at / 10}`, count: 0 }));
  for (const value of values) {
    const bin = bins[Math.min(9, Math.max(0, Math.floor(value * 10)))];
    if (bin !== undefined) bin.count++;
  }
  return bins;
}
