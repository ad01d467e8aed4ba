/** Binary relevance over a full ranking; the ideal list is cut at min(k, number of relevant items). 0..1. */
export function ndcg(list: readonly string[], relevant: ReadonlySet<string>, k: number): number {
  let gain = 0;
  for (let i = 0; i < Math.min(k, list.length); i++) {
    if (relevant.has(list[i] as string)) gain += 1 / Math.log2(i + 2);
  }
  let ideal = 0;
  for (let i = 0; i < Math.min(k, relevant.size); i++) ideal += 1 / Math.log2(i + 2);
  return ideal === 0 ? 0 : gain / ideal;
}

/** Hits within the first k over the number of relevant items. 0..1. */
export function recall(list: readonly string[], relevant: ReadonlySet<string>, k: number): number {
  if (relevant.size === 0) return 0;
  return list.slice(0, k).filter((item) => relevant.has(item)).length / relevant.size;
}

/** Mean of the precision at each hit within the first k, over min(k, number of relevant items). 0..1. */
export function averagePrecision(
  list: readonly string[],
  relevant: ReadonlySet<string>,
  k: number,
): number {
  let hits = 0;
  let sum = 0;
  for (let i = 0; i < Math.min(k, list.length); i++) {
    if (relevant.has(list[i] as string)) sum += ++hits / (i + 1);
  }
  return relevant.size === 0 ? 0 : sum / Math.min(k, relevant.size);
}

/** Share of the catalogue that stands in the first k of any list. 0..1. */
export function coverage(
  lists: Iterable<readonly string[]>,
  catalogueSize: number,
  k: number,
): number {
  const shown = new Set<string>();
  for (const list of lists) for (const item of list.slice(0, k)) shown.add(item);
  return catalogueSize === 0 ? 0 : shown.size / catalogueSize;
}

/**
 * Mean self-information of what stands in the first k, in bits: -log2 of the share of users who have
 * the item in training (Zhou et al., PNAS 2010). An item nobody has counts as one user's.
 */
export function novelty(
  lists: Iterable<readonly string[]>,
  users: { of: (item: string) => number; total: number },
  k: number,
): number {
  const bits: number[] = [];
  for (const list of lists) {
    for (const item of list.slice(0, k)) {
      bits.push(-Math.log2(Math.max(1, users.of(item)) / Math.max(1, users.total)));
    }
  }
  return mean(bits);
}

/** Arithmetic mean; 0 of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/**
 * Percentile bootstrap interval of the mean (Efron 1979). `random` in [0, 1); `level` in (0, 1).
 * Nothing in, [0, 0] out.
 */
export function bootstrapInterval(
  values: readonly number[],
  options: { random: () => number; samples?: number; level?: number },
): [low: number, high: number] {
  const { random, samples = 1_000, level = 0.95 } = options;
  if (values.length === 0) return [0, 0];
  const means = Array.from({ length: samples }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      sum += values[Math.floor(random() * values.length)] as number;
    }
    return sum / values.length;
  }).sort((left, right) => left - right);
  const at = (share: number) => means[Math.round(share * (samples - 1))] as number;
  return [at((1 - level) / 2), at((1 + level) / 2)];
}

/**
 * Coverage with a 95 % interval over lists. Who is drawn twice covers nothing new, so percentiles of
 * resampled coverages lie below the coverage itself: the interval is the coverage plus and minus 1.96
 * times their standard deviation (the bootstrap's standard error), cut at 0 and 1.
 * @param random in [0, 1).
 */
export function coverageWithin(
  lists: readonly (readonly string[])[],
  catalogueSize: number,
  { k, random, samples = 200 }: { k: number; random: () => number; samples?: number },
): { value: number; interval: [low: number, high: number] } {
  const value = coverage(lists, catalogueSize, k);
  const drawn = Array.from({ length: samples }, () => {
    const some = lists.map(() => lists[Math.floor(random() * lists.length)] as readonly string[]);
    return coverage(some, catalogueSize, k);
  });
  const center = mean(drawn);
  const deviation = Math.sqrt(mean(drawn.map((one) => (one - center) ** 2)));
  const half = 1.96 * deviation;
  return { value, interval: [Math.max(0, value - half), Math.min(1, value + half)] };
}

/**
 * Percentile bootstrap interval of the mean of all values, drawn by groups: values of one group, as
 * those of one person, are not independent. 95 %; `random` in [0, 1). Nothing in, [0, 0] out.
 */
export function groupedInterval(
  groups: readonly (readonly number[])[],
  { random, samples = 1_000 }: { random: () => number; samples?: number },
): [low: number, high: number] {
  const filled = groups
    .filter((group) => group.length > 0)
    .map((group) => ({ sum: group.reduce((sum, one) => sum + one, 0), count: group.length }));
  if (filled.length === 0) return [0, 0];
  const means = Array.from({ length: samples }, () => {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < filled.length; i++) {
      const drawn = filled[Math.floor(random() * filled.length)] as { sum: number; count: number };
      sum += drawn.sum;
      count += drawn.count;
    }
    return sum / count;
  }).sort((left, right) => left - right);
  const at = (share: number) => means[Math.round(share * (samples - 1))] as number;
  return [at(0.025), at(0.975)];
}
