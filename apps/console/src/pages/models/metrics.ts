import type { components } from "../../api/schema.generated.ts";
import type { IntervalRow } from "../../charts/interval-plot.tsx";

export type Model = components["schemas"]["TrainedModel"];
export type Version = components["schemas"]["TrainedModelVersion"];
export type Run = components["schemas"]["TrainingRun"];
export type Slot = components["schemas"]["DeploymentSlot"];

/** The figure versions are judged by. */
export const MAIN = "ndcg@20";
const SHOWN = ["ndcg@10", "ndcg@20", "recall@20", "map@20", "diversity@10"];

type Bounds = readonly [number, number];

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

function boundsOf(value: unknown): Bounds | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [low, high] = value.map(numberOf);
  return low === undefined || high === undefined ? undefined : [low, high];
}

/** One figure of a run's or version's metrics. */
export function figureOf(metrics: Record<string, unknown>, name = MAIN): number | undefined {
  return numberOf(metrics[name]);
}

/** Figures of a run with their intervals; a figure without one is left out. */
export function intervalsOf(run: Pick<Run, "metrics"> | undefined): IntervalRow[] {
  const metrics = objectOf(run?.metrics);
  const intervals = objectOf(objectOf(metrics["evaluation"])["intervals"]);
  return SHOWN.flatMap((name) => {
    const value = figureOf(metrics, name);
    const bounds = boundsOf(intervals[name]);
    if (value === undefined || bounds === undefined) return [];
    return [{ label: name.toUpperCase(), value, low: bounds[0], high: bounds[1] }];
  });
}

/** What a run was measured against: differences in the main figure, user by user. */
export function opponentsOf(run: Pick<Run, "metrics"> | undefined): IntervalRow[] {
  const gate = objectOf(objectOf(run?.metrics)["gate"]);
  const opponents = Array.isArray(gate["opponents"]) ? gate["opponents"] : [];
  return opponents.flatMap((opponent: unknown) => {
    const { name, difference } = objectOf(opponent);
    const { mean, interval } = objectOf(difference);
    const value = numberOf(mean);
    const bounds = boundsOf(interval);
    if (typeof name !== "string" || value === undefined || bounds === undefined) return [];
    return [{ label: name, value, low: bounds[0], high: bounds[1] }];
  });
}

/** Why a run's version serves or does not; undefined for runs that were not judged. */
export function decisionOf(
  run: Pick<Run, "metrics"> | undefined,
): { serves: boolean; reason: string } | undefined {
  const { serve, reason } = objectOf(objectOf(run?.metrics)["gate"]);
  if (typeof serve !== "boolean") return undefined;
  return { serves: serve, reason: typeof reason === "string" ? reason : "" };
}

/** Share of traffic of each slot that answers, in [0, 1]; the others have none. */
export function sharesOf(slots: readonly Slot[]): Map<number, number> {
  const live = slots.filter((slot) => slot.is_active && !slot.is_shadow && slot.weight > 0);
  const total = live.reduce((sum, slot) => sum + slot.weight, 0);
  return new Map(live.map((slot) => [slot.id, slot.weight / total]));
}
