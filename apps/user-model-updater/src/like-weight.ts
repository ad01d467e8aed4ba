import { SIGNALS_CONFIG, type SignalEvent } from "@signalpath/domain";

/** A view that was read to its end, beside a stated opinion. */
const COMPLETED_VIEW = 0.5;

/**
 * What one event says of its item on [-1, 1]; undefined = nothing. The strengths are those of the
 * user model: floors and ceilings of reactions, ratings on their own scale.
 */
export function likeWeight(event: SignalEvent): number | undefined {
  const { floors, ceilings, completedBy } = SIGNALS_CONFIG;
  if (event.kind === "viewed") {
    const isCompleted = event.end_reason !== undefined && completedBy.includes(event.end_reason);
    return isCompleted ? COMPLETED_VIEW : undefined;
  }
  if (event.kind !== "feedback") return undefined;
  if (event.rating !== undefined) return (event.rating - 3) / 2;
  if (event.reaction === undefined) return undefined;
  if (event.reaction === "unlike") return 0;
  return floors[event.reaction] ?? ceilings[event.reaction];
}
