import { NO_OUTCOME, reactionBits, type SignalEvent } from "@signalpath/domain";
import type { OutcomeGiven } from "@signalpath/ports";

/**
 * What an event says of items of a list: shown, or reacted to. Nothing without a request id, and
 * nothing of bots.
 */
export function outcomesOf(event: SignalEvent): OutcomeGiven[] {
  const { request_id, item_id, kind, reaction, rating, occurred_at, event_id } = event;
  if (request_id === undefined || event.is_bot === true) return [];
  const unit = (event.user_id ?? event.anonymous_id) as string;
  const base = { request_id, unit, occurred_at, event_id };
  if (kind === "served") {
    const shown = new Set([
      ...(item_id === undefined ? [] : [item_id]),
      ...(event.impressions ?? []),
    ]);
    return [...shown].map((id) => ({
      ...base,
      item_id: id,
      outcome: { ...NO_OUTCOME, shown: true },
    }));
  }
  if (kind !== "feedback" || item_id === undefined || reaction === undefined) return [];
  const reactions = reactionBits(reaction, rating);
  return [{ ...base, item_id, outcome: { ...NO_OUTCOME, reactions } }];
}
