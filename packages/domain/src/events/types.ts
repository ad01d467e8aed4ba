/** What happened. `exposed` feeds experiments only; every other kind may shape a user model. */
export const EVENT_KINDS = [
  "served",
  "feedback",
  "viewed",
  "identified",
  "survey",
  "search",
  "exposed",
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** What a user did with an item. Weights live in `user-model/config.ts`. */
export const REACTIONS = [
  "like",
  "unlike",
  "done",
  "bookmark",
  "share",
  "comment",
  "click",
  "purchase",
  "rating",
  "dismiss",
  "snooze",
  "dislike",
  "report",
] as const;
export type Reaction = (typeof REACTIONS)[number];

/** How a view ended. `undefined` on a `viewed` event means that the view started. */
export const END_REASONS = ["next", "link", "close", "abandon"] as const;
export type EndReason = (typeof END_REASONS)[number];

/** A point on earth, WGS 84 degrees: lat in [-90, 90], lon in [-180, 180]. */
export interface GeoPoint {
  lat: number;
  lon: number;
}

/**
 * One user event, the same shape on the bus, in the archive and in the event buffer.
 * Names are the wire's (snake_case). Times are canonical ISO 8601 UTC with milliseconds
 * (`2026-06-12T12:00:00.000Z`), so their text order is their time order.
 */
export interface SignalEvent {
  /** Unique in its project; at most 200 characters. */
  event_id: string;
  project_id: number;
  user_id?: string | undefined;
  anonymous_id?: string | undefined;
  /** Alias only: the id that `user_id` replaces. */
  previous_id?: string | undefined;
  kind: EventKind;
  occurred_at: string;
  received_at: string;
  item_id?: string | undefined;
  reaction?: Reaction | undefined;
  /** Milliseconds, >= 0. */
  dwell_ms?: number | undefined;
  end_reason?: EndReason | undefined;
  /** 1..5. */
  rating?: number | undefined;
  /** The answer this event reacts to. */
  request_id?: string | undefined;
  session_id?: string | undefined;
  /** 1-based place in the list that was shown. */
  position?: number | undefined;
  /** Items of the list that was shown. */
  impressions?: string[] | undefined;
  traits?: Record<string, unknown> | undefined;
  answers?: Record<string, unknown> | undefined;
  query?: string | undefined;
  location?: GeoPoint | undefined;
  /** Money or any other amount, in the sender's unit. */
  value?: number | undefined;
  /** Which door it came through: `rudderstack`, `bus`, `simulator`, ... */
  source?: string | undefined;
  is_bot?: boolean | undefined;
  /** Minutes east of UTC of the sender's clock, [-840, 840]. */
  utc_offset_min?: number | undefined;
  slot_id?: number | undefined;
  experiment_id?: string | undefined;
  variation_index?: number | undefined;
}
