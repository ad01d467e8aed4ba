import type { SignalEvent } from "@signalpath/domain";

import type { EventClass, ItemHour } from "./port.ts";

const POSITIVE = new Set(["like", "done", "bookmark", "share", "comment", "click", "purchase"]);
const NEGATIVE = new Set(["dismiss", "dislike", "report"]);
const HOUR_MS = 3_600_000;

/**
 * What an event says about its item, independent of content and of the person's history: a view
 * counts when it starts, its end counts as praise (`next`, `link`) or blame (`abandon`), ratings
 * of 4 and 5 are praise, 1 and 2 blame. Undefined = nothing is counted.
 */
export function eventClass(event: SignalEvent): EventClass | undefined {
  switch (event.kind) {
    case "served":
      return "served";
    case "viewed":
      if (event.end_reason === undefined) return "view";
      if (event.end_reason === "abandon") return "negative";
      return event.end_reason === "close" ? undefined : "positive";
    case "feedback": {
      if (event.reaction === "rating") {
        const rating = event.rating ?? 3;
        return rating >= 4 ? "positive" : rating <= 2 ? "negative" : undefined;
      }
      if (event.reaction === undefined) return undefined;
      if (POSITIVE.has(event.reaction)) return "positive";
      return NEGATIVE.has(event.reaction) ? "negative" : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Counts per item and hour of event time for events that were really inserted. Bots are left out.
 * A served event without an item counts for each item of its list.
 */
export function countItemHours(events: readonly SignalEvent[]): ItemHour[] {
  const counts = new Map<string, ItemHour>();
  for (const event of events) {
    const klass = event.is_bot === true ? undefined : eventClass(event);
    if (klass === undefined) continue;
    const hour = Math.floor(Date.parse(event.occurred_at) / HOUR_MS);
    for (const item_id of countedItems(event)) {
      const key = `${hour}/${klass}/${item_id}`;
      const row = counts.get(key);
      if (row === undefined) counts.set(key, { item_id, hour, event_class: klass, count: 1 });
      else row.count++;
    }
  }
  return [...counts.values()];
}

function countedItems(event: SignalEvent): Iterable<string> {
  if (event.item_id !== undefined) return [event.item_id];
  return event.kind === "served" ? new Set(event.impressions) : [];
}
