import type { ContentItem } from "@signalpath/domain";

import { pick } from "./random.ts";
import type { Visitor } from "./visitors.ts";

/** A RudderStack body without the fields the sender adds. */
export interface Act {
  type: "track" | "identify";
  event?: string;
  properties?: Record<string, unknown>;
  traits?: Record<string, unknown>;
  /** How long before now it happened, milliseconds. */
  agoMs: number;
}

/** What a person reads in a second. */
const WORDS_PER_SECOND = 3.3;
const IMAGE_SECONDS = 8;

/** How much a visitor cares for an item: -1 bored, 0 neither, 1 loves. */
export function interestIn(visitor: Visitor, item: Pick<ContentItem, "tags">): number {
  const labels = new Set(item.tags.map((tag) => tag.label));
  if (visitor.bored.some((label) => labels.has(label))) return -1;
  return visitor.loves.some((label) => labels.has(label)) ? 1 : 0;
}

/** A list was shown; without a request id it was no recommendation. */
export function showList(items: readonly string[], requestId?: string): Act[] {
  const request = requestId === undefined ? {} : { request_id: requestId };
  return items.map((item_id, i) => ({
    type: "track",
    event: "Tip Served",
    properties: { item_id, ...request, position: i + 1 },
    agoMs: 0,
  }));
}

/**
 * One item met: a view with dwell and end reason, then maybe a reaction. Who loves the theme reads
 * most of it and may like it; who is bored leaves at once and may dismiss it.
 */
export function meetItem(
  visitor: Visitor,
  item: ContentItem,
  random: () => number,
  requestId?: string,
): Act[] {
  const interest = interestIn(visitor, item);
  const reading =
    (item.word_count ?? 100) / WORDS_PER_SECOND + (item.has_image ? IMAGE_SECONDS : 0);
  const share = shareRead(visitor, interest, random());
  const dwellSeconds = Math.max(1, Math.round(reading * share));
  const request = requestId === undefined ? {} : { request_id: requestId };
  const about = { item_id: item.item_id, ...request };
  const acts: Act[] = [
    {
      type: "track",
      event: "CONTENT_VIEW_STARTED",
      properties: about,
      agoMs: dwellSeconds * 1_000,
    },
    {
      type: "track",
      event: "CONTENT_VIEW_ENDED",
      properties: {
        ...about,
        dwell_seconds: dwellSeconds,
        end_reason: endReason(share, interest, random()),
      },
      agoMs: 0,
    },
  ];
  const reaction = reactionTo(interest, random());
  if (reaction !== undefined) {
    acts.push({ type: "track", event: reaction, properties: about, agoMs: 0 });
  }
  return acts;
}

function shareRead(visitor: Visitor, interest: number, draw: number): number {
  if (interest < 0) return 0.03 + 0.05 * draw;
  const base = interest > 0 ? 0.5 + 0.5 * visitor.patience : 0.1 + 0.4 * visitor.patience;
  return base * (0.7 + 0.5 * draw);
}

function endReason(share: number, interest: number, draw: number): string {
  if (interest < 0) return "abandon";
  if (share > 0.6) return draw < 0.8 ? "next_button" : "link";
  return draw < 0.7 ? "close_button" : "next_button";
}

function reactionTo(interest: number, draw: number): string | undefined {
  if (interest > 0) {
    if (draw < 0.45) return "Tip Liked";
    if (draw < 0.6) return "Tip Done";
    return draw < 0.68 ? "Tip Bookmarked" : undefined;
  }
  if (interest < 0) return draw < 0.5 ? "Tip Dismissed" : undefined;
  return draw < 0.05 ? "Tip Liked" : undefined;
}

/** Something beside reading: says who they are, searches, or answers a survey. */
export function somethingElse(visitor: Visitor, random: () => number): Act {
  const draw = random();
  const traits = { ...visitor.traits };
  if (draw < 0.34) return { type: "identify", traits, agoMs: 0 };
  if (draw < 0.67) {
    const query = pick(random, visitor.queries) ?? "news";
    return { type: "track", event: "Products Searched", properties: { query }, agoMs: 0 };
  }
  const answers = { favourite: visitor.loves[0], again: random() < 0.8 ? "yes" : "no" };
  const properties = { survey_id: "welcome", answers };
  return { type: "track", event: "SURVEY_SUBMITTED", properties, agoMs: 0 };
}
