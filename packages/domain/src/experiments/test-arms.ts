import { distributions } from "@signalpath/statistics";

import { compareArms, DEFAULT_CALCULATION, type CalculationOptions } from "./calculate.ts";
import { addUnit, emptySums } from "./sums.ts";
import type { ArmSums, MetricKind } from "./types.ts";

export const rate = (index: number, n: number, sum: number): ArmSums => ({
  ...emptySums(index),
  n,
  sum,
  sum_squares: sum,
});
export const armOf = (
  index: number,
  units: { value: number; denominator?: number; pre?: number }[],
) => units.reduce((sums, unit) => addUnit(sums, unit), emptySums(index));

export function compare(
  arms: [ArmSums, ArmSums],
  kind: MetricKind = "binary",
  options: Partial<CalculationOptions> = {},
  direction: "increase" | "decrease" = "increase",
) {
  return compareArms(
    arms,
    { kind, direction },
    { ...DEFAULT_CALCULATION, ...options },
    distributions,
  );
}
