import type { abTestResults } from "@signalpath/contracts";
import {
  compareArms,
  DEFAULT_CALCULATION,
  emptySums,
  sampleRatio,
  twoProportions,
  type ArmSums,
  type Comparison,
} from "@signalpath/domain";
import type { AbTest, AbTestMetric, SlotTotals } from "@signalpath/ports";
import { distributions } from "@signalpath/statistics";
import type { z } from "zod";

import type { Context } from "./context.ts";

type Results = z.output<typeof abTestResults>;

const CONVERTED: Record<AbTestMetric, (totals: SlotTotals) => number> = {
  ctr: ({ clicks }) => clicks,
  purchase_rate: ({ purchases }) => purchases,
  conversion_rate: ({ conversions }) => conversions,
};
const rounded = (value: number, places: number): number => Number(value.toFixed(places));

/**
 * Results of a test from the events of its two slots that occurred while it ran; of a test that
 * runs, until now. Rates count requests: a request that was shown converts once, however often it
 * is clicked. @throws UnavailableError.
 */
export async function abTestResultsOf(
  { events, slots, kit }: Pick<Context, "events" | "slots" | "kit">,
  test: AbTest,
): Promise<Results> {
  const computed_at = new Date(kit.now()).toISOString();
  const ids = [test.control_slot, test.variant_slot];
  const found =
    test.started_at === null
      ? ids.map(nothing)
      : await events.slotTotals(
          test.project_id,
          ids,
          test.started_at,
          test.ended_at ?? computed_at,
        );
  const [control, variant] = found as [SlotTotals, SlotTotals];
  const weights = await Promise.all(ids.map(async (id) => (await slots.get(id))?.weight));
  // A removed slot has no weight any more, and a promoted one another: then even shares are assumed.
  const isKnown = test.winner_slot === null && weights.every((weight) => (weight ?? 0) > 0);
  const srm = sampleRatio(
    [control, variant].map(({ users }, at) => ({
      n: users,
      weight: isKnown ? (weights[at] ?? 1) : 1,
    })),
    distributions,
  );
  return { ...readingsOf(test, control, variant), srm, computed_at };
}

const nothing = (slot_id: number): SlotTotals => ({
  slot_id,
  impressions: 0,
  users: 0,
  clicks: 0,
  purchases: 0,
  conversions: 0,
});

function armOf(index: number, n: number, converted: number): ArmSums {
  return { ...emptySums(index), n, sum: converted, sum_squares: converted };
}

function readingsOf(
  test: AbTest,
  control: SlotTotals,
  variant: SlotTotals,
): Omit<Results, "srm" | "computed_at"> {
  const count = CONVERTED[test.target_metric_name];
  const [c, v] = [control, variant].map((arm) => ({
    n: arm.impressions,
    converted: count(arm),
    rate: arm.impressions === 0 ? 0 : count(arm) / arm.impressions,
  })) as [Arm, Arm];
  const flat = twoProportions(c, v, test.confidence_level, distributions);
  const always = compareArms(
    [armOf(0, c.n, c.converted), armOf(1, v.n, v.converted)],
    { kind: "binary", direction: "increase" },
    { ...DEFAULT_CALCULATION, alpha: 1 - test.confidence_level },
    distributions,
  );
  const [low, high] = flat.confidence_interval;
  return {
    control_impressions: c.n,
    control_conversions: c.converted,
    control_rate: rounded(c.rate, 6),
    variant_impressions: v.n,
    variant_conversions: v.converted,
    variant_rate: rounded(v.rate, 6),
    z_score: rounded(flat.z_score, 4),
    p_value: rounded(flat.p_value, 6),
    significant: flat.significant,
    lift: rounded(flat.lift, 2),
    confidence_interval: [rounded(low ?? 0, 6), rounded(high ?? 0, 6)],
    min_sample_size: test.min_sample_size,
    sufficient_data: c.n + v.n >= test.min_sample_size,
    always_valid: always.always_valid,
    bayesian: always.bayesian,
    error: always.error,
    users: { control: control.users, variant: variant.users },
    summary: toldOf(test, c, v, always),
  };
}

interface Arm {
  n: number;
  converted: number;
  rate: number;
}

function toldOf(
  test: AbTest,
  c: Arm,
  v: Arm,
  { always_valid, bayesian, error }: Comparison,
): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const rates = `${test.target_metric_name} ${percent(v.rate)} of ${v.n} lists against ${percent(c.rate)} of ${c.n}`;
  if (error !== null) return `No answer yet: ${rates}.`;
  const [low, high] = always_valid.ci;
  const ends = [low, high].map((end) => (end === null ? "open" : percent(end))).join(" to ");
  const word =
    always_valid.p > 1 - test.confidence_level
      ? "No difference shown yet"
      : v.rate > c.rate
        ? "The variant is better"
        : "The variant is worse";
  return `${word}: ${rates}; relative lift ${ends} however often it is read; ${percent(bayesian.chance_to_win)} chance that the variant is better.`;
}
