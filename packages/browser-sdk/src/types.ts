/** An item of a list, or any other item with what is known about how it was shown. */
export interface ItemRef {
  item_id: string;
  /** Of the answer the item came with; impressions without one are not recorded. */
  request_id?: string | undefined;
  /** 1-based place in the list. */
  position?: number | undefined;
  /** Of a trained model's answer. */
  slot_id?: number | undefined;
}

export interface Reason {
  kind: string;
  label: string;
  /** Share of the score, 0 to 1. */
  weight: number;
  text: string;
}

export interface RecommendedItem extends ItemRef {
  request_id: string;
  position: number;
  rank: number;
  score: number;
  role: "target" | "serendipity";
  reasons: Reason[];
  /** The catalogue's item, when it was asked for. */
  content?: Record<string, unknown>;
}

export interface Recommendation {
  request_id: string;
  user_id: string;
  /** `cold`: nothing is known about the person yet. */
  strategy: "warm" | "cold";
  items: RecommendedItem[];
  experiments: { experiment_id: string; variation_index: number }[];
  diagnostics: { degraded: string[] };
}

export interface RecommendOptions {
  /** 1 to 100, default 10. */
  limit?: number;
  /** `facet:label` that every item must carry. */
  filter?: string;
  exclude?: readonly string[];
  /** Content of each item too; default true. */
  includeContent?: boolean;
  near?: { lat: number; lon: number; radiusM?: number };
}

export type Reaction =
  | "like"
  | "unlike"
  | "done"
  | "bookmark"
  | "share"
  | "comment"
  | "click"
  | "purchase"
  | "dismiss"
  | "snooze"
  | "dislike"
  | "report";

/** How a view ended: on to the next item, by a link in it, closed, or left unread. */
export type EndReason = "next" | "link" | "close" | "abandon";

/** `denied`: nothing is sent about the person and nothing is kept in the browser. */
export type Consent = "granted" | "denied";

/** An event as the ingest door takes it. */
export interface TrackedEvent {
  type: "track" | "identify";
  event?: string;
  messageId: string;
  anonymousId: string;
  userId?: string;
  originalTimestamp: string;
  properties?: Record<string, unknown>;
  traits?: Record<string, unknown>;
}

/** What became of events since the page was loaded. */
export interface Stats {
  /** Stored by the door. */
  sent: number;
  /** Waiting, this page's and those of pages before. */
  queued: number;
  /** Pushed out of a full queue, oldest first. */
  dropped: number;
  /** Refused by the door for good. */
  refused: number;
}

export interface View {
  /** Ends the view once; the page going away ends it as `close`. */
  end(reason?: EndReason): void;
}

/** A call that was not answered with a success. */
export class SignalpathError extends Error {
  override name = "SignalpathError";
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Stable code of the answer, `NO_ANSWER` without one. */
  readonly code: string;

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}
