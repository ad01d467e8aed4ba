import { NO_OUTCOME, reactionBits, type SignalEvent } from "@signalpath/domain";
import type { OutcomeGiven } from "@signalpath/ports";

/**
 * What an event says of items of a list: shown, or reacted to. Nothing without a request id, and
 * nothing of bots. A list is made for a user or for a device, so that an event with both ids speaks
 * for both; it counts for the one that the list was made for.
 */
export function outcomesOf(event: SignalEvent): OutcomeGiven[] {
  const { request_id, user_id, anonymous_id, occurred_at, event_id } = event;
  if (request_id === undefined || event.is_bot === true) return [];
  const units = [...new Set([user_id, anonymous_id])].filter((id) => id !== undefined);
  const said = sayingsOf(event);
  return units.flatMap((unit) =>
    said.map((one) => ({ request_id, unit, occurred_at, event_id, ...one })),
  );
}

function sayingsOf(event: SignalEvent): Pick<OutcomeGiven, "item_id" | "outcome">[] {
  const { item_id, kind, reaction, rating, impressions = [] } = event;
  if (kind === "served") {
    const shown = new Set([...(item_id === undefined ? [] : [item_id]), ...impressions]);
    return [...shown].map((id) => ({ item_id: id, outcome: { ...NO_OUTCOME, shown: true } }));
  }
  if (kind !== "feedback" || item_id === undefined || reaction === undefined) return [];
  return [{ item_id, outcome: { ...NO_OUTCOME, reactions: reactionBits(reaction, rating) } }];
}
