import type { Pool } from "../pool.ts";
import type { ItemSignals } from "../types.ts";

type SignalsOf = (itemId: string) => ItemSignals | undefined;

/** What many people do with the candidates now, and how well they are received. */
export function statScores(
  pool: Pool,
  signalsOf: SignalsOf,
): { trend: Float64Array; quality: Float64Array } {
  const trend = new Float64Array(pool.views.length);
  const quality = new Float64Array(pool.views.length);
  for (let at = 0; at < trend.length; at++) {
    const signals = signalsOf(pool.views[at]!.id);
    if (signals === undefined) continue;
    trend[at] = unitRange(signals.trend);
    quality[at] = qualityOf(signals);
  }
  return { trend, quality };
}

/**
 * Rate x root of popularity: a smoothed rate alone ranks what three people liked with what three
 * hundred liked, popularity alone ranks what everybody is shown.
 */
function qualityOf(signals: ItemSignals): number {
  return unitRange(signals.quality) * Math.sqrt(unitRange(signals.popularity));
}

function unitRange(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}
