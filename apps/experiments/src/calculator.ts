import type {
  calculateBody,
  calculateResponse,
  sampleSizeBody,
  sampleSizeResponse,
} from "@signalpath/contracts";
import {
  calculate,
  daysToAnswer,
  minimumDetectableEffect,
  powerOf,
  sampleSize,
} from "@signalpath/domain";
import { distributions } from "@signalpath/statistics";
import type { z } from "zod";

/** The statistics of results on numbers typed in. */
export function calculated({
  metric,
  arms,
  weights,
  options,
}: z.output<typeof calculateBody>): z.output<typeof calculateResponse> {
  return calculate(
    {
      metric,
      // Of a value that is 0 or 1 the sum of squares is the sum.
      arms: arms.map((arm) => ({ ...arm, sum_squares: arm.sum_squares ?? arm.sum })),
      ...(weights === undefined ? {} : { weights }),
      options,
    },
    distributions,
  );
}

/** How many users an answer needs, and when they are there. */
export function sized(given: z.output<typeof sampleSizeBody>): z.output<typeof sampleSizeResponse> {
  const { lift, alpha, power, arms, have_per_arm: have, units_per_day } = given;
  const { mean } = given.baseline;
  const baseline = { mean, variance: given.baseline.variance ?? mean * (1 - mean) };
  const tuning = given.sequential_tuning;
  const options = { alpha, arms, ...(tuning === null ? {} : { sequentialTuning: tuning }) };
  const perArm = sampleSize(baseline, lift, { ...options, power }, distributions);
  const days =
    units_per_day === undefined
      ? null
      : daysToAnswer({ needPerArm: perArm, havePerArm: have, unitsPerDay: units_per_day, arms });
  return {
    per_arm: perArm,
    total: perArm === null ? null : perArm * arms,
    power_now: powerOf(baseline, lift, have, options, distributions),
    minimum_detectable_effect: minimumDetectableEffect(
      baseline,
      have,
      { ...options, power },
      distributions,
    ),
    days,
    summary: told({ lift, power, perArm, arms, days, isSequential: tuning !== null }),
  };
}

function told({
  lift,
  power,
  perArm,
  arms,
  days,
  isSequential,
}: {
  lift: number;
  power: number;
  perArm: number | null;
  arms: number;
  days: number | null;
  isSequential: boolean;
}): string {
  const effect = `a relative lift of ${(100 * lift).toFixed(2)} %`;
  if (perArm === null) return `No number of users shows ${effect} with this much noise.`;
  const reading = isSequential ? "by the reading that may be looked at any time" : "at one look";
  const when =
    days === null ? "" : `, ${days === 0 ? "which are there" : `${Math.ceil(days)} days from now`}`;
  return `${perArm} users in each of ${arms} arms show ${effect} ${reading} with a chance of ${(100 * power).toFixed(0)} %${when}.`;
}
