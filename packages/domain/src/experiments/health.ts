import { sampleRatio, type SrmResult } from "./srm.ts";
import type { Distributions } from "./types.ts";

export interface ExperimentHealth {
  status: "ok" | "warning" | "red" | "not_enough_traffic";
  /** One sentence. */
  summary: string;
  srm: SrmResult;
  srm_with_bots: SrmResult;
  flips: { count: number; share: number; status: "ok" | "warning" };
  bots: number;
  without_key: number;
  unknown_variations: { variation_index: number; count: number }[];
}

/** Units counted by variation. */
export interface CountedArm {
  variation_index: number;
  is_bot: boolean;
  n: number;
}

const FLIPS_WARN = 0.01;
/** On an uneven split few flips are enough to move the small arm. */
const UNEVEN_FLIPS_WARN = 0.001;

/**
 * Whether the counts can be believed: sample ratio with and without bots, units that met more than
 * one variation, variations nobody planned. Unknown and weightless variations leave both sides.
 */
export function readHealth(
  {
    variations,
    arms,
    flipped,
    withoutKey,
    includeBots,
  }: {
    variations: readonly { index: number; weight: number }[];
    arms: readonly CountedArm[];
    flipped: number;
    withoutKey: number;
    includeBots: boolean;
  },
  dist: Distributions,
): ExperimentHealth {
  const count = (index: number, bots: boolean): number =>
    arms
      .filter((arm) => arm.variation_index === index && (bots || !arm.is_bot))
      .reduce((sum, { n }) => sum + n, 0);
  const ratio = (bots: boolean): SrmResult =>
    sampleRatio(
      variations.map(({ index, weight }) => ({ n: count(index, bots), weight })),
      dist,
    );
  const known = new Set(variations.map(({ index }) => index));
  const strangers = [...new Set(arms.map((arm) => arm.variation_index))]
    .filter((index) => !known.has(index))
    .toSorted((a, b) => a - b);
  const total = (bots: boolean) =>
    arms.filter((arm) => arm.is_bot === bots).reduce((sum, { n }) => sum + n, 0);
  const people = total(false);
  const share = people === 0 ? 0 : flipped / people;
  const weights = new Set(variations.map(({ weight }) => weight).filter((weight) => weight > 0));
  const limit = weights.size > 1 ? UNEVEN_FLIPS_WARN : FLIPS_WARN;
  const srm = ratio(includeBots);
  const health = {
    srm,
    srm_with_bots: ratio(true),
    flips: {
      count: flipped,
      share,
      status: share >= limit ? ("warning" as const) : ("ok" as const),
    },
    bots: total(true),
    without_key: withoutKey,
    unknown_variations: strangers.map((index) => ({
      variation_index: index,
      count: count(index, true),
    })),
  };
  return { ...health, ...judge(health) };
}

function judge(
  health: Omit<ExperimentHealth, "status" | "summary">,
): Pick<ExperimentHealth, "status" | "summary"> {
  const { srm, flips, unknown_variations: unknown } = health;
  const gap = srm.gap_points.toFixed(2);
  if (srm.status === "failed") {
    return {
      status: "red",
      summary: `The arms did not get the traffic they should have (largest gap ${gap} points, p = ${srm.p.toPrecision(2)}): find the cause before reading any result.`,
    };
  }
  if (srm.status === "not_enough_traffic") {
    return {
      status: "not_enough_traffic",
      summary: "Too few users so far to check whether the arms got the traffic they should have.",
    };
  }
  const worries = [
    ...(srm.status === "warning"
      ? [`the split is off by up to ${gap} points (p = ${srm.p.toPrecision(2)})`]
      : []),
    ...(flips.status === "warning"
      ? [`${(100 * flips.share).toFixed(2)} % of the users met more than one variation`]
      : []),
    ...(unknown.length > 0
      ? [
          `variations that the experiment does not have were reported (${unknown.map((one) => one.variation_index).join(", ")})`,
        ]
      : []),
  ];
  if (worries.length > 0) {
    return { status: "warning", summary: `Read with care: ${worries.join("; ")}.` };
  }
  return { status: "ok", summary: "The arms got the traffic they should have." };
}
