import type { Pool } from "../pool.ts";

/** 2^(-age / half-life), age since publication; 0 without a date. */
export function freshnessScores(pool: Pool, nowMs: number, halfLifeMs: number): Float64Array {
  const values = new Float64Array(pool.views.length);
  for (let at = 0; at < values.length; at++) {
    const { publishedMs } = pool.views[at]!;
    if (Number.isNaN(publishedMs)) continue;
    values[at] = 2 ** (-Math.max(0, nowMs - publishedMs) / halfLifeMs);
  }
  return values;
}
