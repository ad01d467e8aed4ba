import type { ContentItem } from "../content/types.ts";
import type { SignalEvent } from "../events/types.ts";
import { SIGNALS_CONFIG, type SignalsConfig } from "./config.ts";
import { createItemFacts } from "./item-facts.ts";
import { orderedEvents } from "./ordered-events.ts";
import { foldTouches } from "./touched-items.ts";

/** An item whose engagement is positive, folded over all its touches by one person. */
export interface LikedItem {
  itemId: string;
  /** Strength, from `positiveFrom` to 1. No decay. */
  strength: number;
  /** Its newest touch, milliseconds since 1970. */
  lastMs: number;
}

/**
 * What a person likes, without any cap, decay or profile: what a model is trained on. Bots and
 * exposures leave no trace, neutral and negative engagements are left out. Items come in the order
 * of their newest touch, newest first.
 */
export function createLikedItems(
  config: SignalsConfig = SIGNALS_CONFIG,
): (
  events: readonly SignalEvent[],
  content: (itemId: string) => ContentItem | undefined,
) => LikedItem[] {
  const factsOf = createItemFacts(config);
  return (events, content) => {
    const { items } = foldTouches(
      orderedEvents(events, Number.POSITIVE_INFINITY),
      content,
      factsOf,
      config,
    );
    return items.flatMap(({ itemId, lastMs, engagement: { strength, stance } }) =>
      stance === "positive" ? [{ itemId, strength, lastMs }] : [],
    );
  };
}
