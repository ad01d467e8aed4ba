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

interface Group {
  itemId: string;
  events: TimedEvent[];
}

/** Groups the events by the item they touch and folds each group. */
export function foldTouches(
  ordered: readonly TimedEvent[],
  content: (itemId: string) => ContentItem | undefined,
  factsOf: (item: ContentItem) => ItemFacts,
  config: SignalsConfig,
): Touches {
  const groups = new Map<string, Group>();
  const events: TimedEvent[] = [];
  const groupOf: Group[] = [];
  const untouched = new Map<string, number>();
  for (const timed of ordered) {
    const { kind, item_id: itemId, impressions } = timed.event;
    if (impressions !== undefined) for (const shown of impressions) untouched.set(shown, timed.ms);
    if (itemId === undefined || (kind !== "viewed" && kind !== "feedback")) continue;
    let group = groups.get(itemId);
    if (group === undefined) groups.set(itemId, (group = { itemId, events: [] }));
    group.events.push(timed);
    events.push(timed);
    groupOf.push(group);
  }
  for (const itemId of groups.keys()) untouched.delete(itemId);
  const items: TouchedItem[] = [];
  for (let i = events.length - 1; i >= 0; i--) {
    const group = groupOf[i];
    const last = events[i];
    // Only at its newest event is a group still to be folded.
    if (group === undefined || last === undefined || group.events.at(-1) !== last) continue;
    const { itemId } = group;
    const item = content(itemId);
    const facts = item === undefined ? UNKNOWN_ITEM : factsOf(item);
    const engagement = foldEngagement(group.events, facts.readingMs, config);
    items.push({ itemId, lastMs: last.ms, facts, engagement });
  }
  return { items, events, untouched };
}
