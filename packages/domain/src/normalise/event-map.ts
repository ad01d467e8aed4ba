import type { EndReason, EventKind, Reaction } from "../events/types.ts";

/** What one event name means. */
export interface EventRule {
  kind: EventKind;
  /** Feedback only: the reaction this name stands for; absent = read from `properties.reaction`. */
  reaction?: Reaction;
  /** Viewed only: this name ends a view, and how when `properties.end_reason` does not say. */
  end_reason?: EndReason;
}

/**
 * Meaning of event names, as data. Names and synonyms are matched without regard to case, spaces,
 * `_` and `-`. A project may replace the shipped one; synonyms it leaves out are the shipped ones.
 */
export interface EventMap {
  /** Raised whenever a name changes its meaning. */
  version: number;
  events: Readonly<Record<string, EventRule>>;
  /** Word a sender uses -> reaction. The reactions' own names always work. */
  reactions?: Readonly<Record<string, Reaction>>;
  /** Word a sender uses -> end reason. The end reasons' own names always work. */
  end_reasons?: Readonly<Record<string, EndReason>>;
}

/** The map that ships. */
export const SHIPPED_EVENT_MAP = {
  version: 1,
  events: {
    "Tip Served": { kind: "served" },
    "Tip Feedback": { kind: "feedback" },
    "Tip Viewed": { kind: "viewed" },
    "Tip Done": { kind: "feedback", reaction: "done" },
    "Tip Completed": { kind: "feedback", reaction: "done" },
    "Tip Liked": { kind: "feedback", reaction: "like" },
    "Tip Unliked": { kind: "feedback", reaction: "unlike" },
    "Tip Disliked": { kind: "feedback", reaction: "dislike" },
    "Tip Dismissed": { kind: "feedback", reaction: "dismiss" },
    "Tip Snoozed": { kind: "feedback", reaction: "snooze" },
    "Tip Bookmarked": { kind: "feedback", reaction: "bookmark" },
    "Tip Saved": { kind: "feedback", reaction: "bookmark" },
    "Tip Shared": { kind: "feedback", reaction: "share" },
    "Tip Commented": { kind: "feedback", reaction: "comment" },
    "Tip Clicked": { kind: "feedback", reaction: "click" },
    "Tip Purchased": { kind: "feedback", reaction: "purchase" },
    "Tip Rated": { kind: "feedback", reaction: "rating" },
    "Tip Reported": { kind: "feedback", reaction: "report" },
    "Content View Started": { kind: "viewed" },
    "Content View Ended": { kind: "viewed", end_reason: "close" },
    "Survey Submitted": { kind: "survey" },
    "Products Searched": { kind: "search" },
    "Product Viewed": { kind: "viewed" },
    "Product Clicked": { kind: "feedback", reaction: "click" },
    "Product Added": { kind: "feedback", reaction: "like" },
    "Product Added to Wishlist": { kind: "feedback", reaction: "like" },
    "Product Reviewed": { kind: "feedback", reaction: "rating" },
    "Order Completed": { kind: "feedback", reaction: "purchase" },
    "Product Removed": { kind: "feedback", reaction: "dislike" },
    "Order Refunded": { kind: "feedback", reaction: "dislike" },
    "Order Cancelled": { kind: "feedback", reaction: "dislike" },
    "Experiment Viewed": { kind: "exposed" },
  },
  reactions: {
    liked: "like",
    unliked: "unlike",
    completed: "done",
    complete: "done",
    finished: "done",
    bookmarked: "bookmark",
    save: "bookmark",
    saved: "bookmark",
    shared: "share",
    commented: "comment",
    clicked: "click",
    purchased: "purchase",
    bought: "purchase",
    rate: "rating",
    rated: "rating",
    dismissed: "dismiss",
    snoozed: "snooze",
    disliked: "dislike",
    reported: "report",
  },
  end_reasons: {
    next_button: "next",
    next_tip: "next",
    swipe_next: "next",
    completed: "next",
    link_click: "link",
    link_clicked: "link",
    link_button: "link",
    close_button: "close",
    closed: "close",
    back: "close",
    back_button: "close",
    exit: "close",
    abandoned: "abandon",
    abandonment: "abandon",
    timeout: "abandon",
    background: "abandon",
    app_backgrounded: "abandon",
  },
} as const satisfies EventMap;
