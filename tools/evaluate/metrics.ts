/** Binary relevance over a full ranking; the ideal list is cut at min(k, number of relevant items). */
export function ndcg(list: readonly string[], relevant: ReadonlySet<string>, k: number): number {
  let gain = 0;
  for (let i = 0; i < Math.min(k, list.length); i++) {
    if (relevant.has(list[i] as string)) gain += 1 / Math.log2(i + 2);
  }
  let ideal = 0;
  for (let i = 0; i < Math.min(k, relevant.size); i++) ideal += 1 / Math.log2(i + 2);
  return ideal === 0 ? 0 : gain / ideal;
}

/** Hits within the first k over the number of relevant items. */
export function recall(list: readonly string[], relevant: ReadonlySet<string>, k: number): number {
  if (relevant.size === 0) return 0;
  return list.slice(0, k).filter((item) => relevant.has(item)).length / relevant.size;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
