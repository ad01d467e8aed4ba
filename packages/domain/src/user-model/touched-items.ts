import type { ContentItem } from "../content/types.ts";
import type { SignalsConfig } from "./config.ts";
import { foldEngagement, type Engagement } from "./engagement.ts";
import { UNKNOWN_ITEM, type ItemFacts } from "./item-facts.ts";
import type { TimedEvent } from "./ordered-events.ts";

/** One item a person viewed or reacted to. */
export interface TouchedItem {
  itemId: string;
  /** Its newest touch, milliseconds. */
  lastMs: number;
  facts: ItemFacts;
  engagement: Engagement;
}

export interface Touches {
  /** The item touched last comes first. */
  items: TouchedItem[];
  /** Events that touch an item, canonical order. */
  events: TimedEvent[];
  /** Items that were in a list shown and never touched: when last, milliseconds. */
  untouched: Map<string, number>;
}

/** Groups the events by the item they touch and folds each group. */
export function foldTouches(
  ordered: readonly TimedEvent[],
  content: (itemId: string) => ContentItem | undefined,
  factsOf: (item: ContentItem) => ItemFacts,
  config: SignalsConfig,
): Touches {
  const groups = new Map<string, TimedEvent[]>();
  const events: TimedEvent[] = [];
  const untouched = new Map<string, number>();
  for (const timed of ordered) {
    const { kind, item_id: itemId, impressions } = timed.event;
    for (const shown of impressions ?? []) untouched.set(shown, timed.ms);
    if (itemId === undefined || (kind !== "viewed" && kind !== "feedback")) continue;
    events.push(timed);
    const group = groups.get(itemId);
    if (group === undefined) groups.set(itemId, [timed]);
    else group.push(timed);
  }
  for (const itemId of groups.keys()) untouched.delete(itemId);
  const items: TouchedItem[] = [];
  const done = new Set<string>();
  for (let i = events.length - 1; i >= 0; i--) {
    const last = events[i];
    const itemId = last?.event.item_id;
    if (last === undefined || itemId === undefined || done.has(itemId)) continue;
    done.add(itemId);
    const item = content(itemId);
    const facts = item === undefined ? UNKNOWN_ITEM : factsOf(item);
    const engagement = foldEngagement(groups.get(itemId) ?? [], facts.readingMs, config);
    items.push({ itemId, lastMs: last.ms, facts, engagement });
  }
  return { items, events, untouched };
}
