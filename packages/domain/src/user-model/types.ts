import type { GeoPoint } from "../events/types.ts";

/** Version of the fold below. A model built by a lower version never replaces one of a higher. */
export const SIGNALS_VERSION = 1;

/** item id -> weight in (0, 1]. */
export type ItemWeights = Record<string, number>;
/** canonical tag key (`facet:label`) -> weight in (0, 1], the largest is 1. */
export type TagWeights = Record<string, number>;

export interface Behaviour {
  n_views: number;
  /** Items liked. */
  n_positive: number;
  /** Items disliked; those merely passed over in a list are not counted. */
  n_negative: number;
  /** Mean over the viewed items whose dwell is known, [0, 1]; 0 without views. */
  avg_dwell_ratio: number;
  /** Share of ended views that ended by `next` or `link`, [0, 1]. */
  completion_rate: number;
  /** Share of viewed items that were viewed more than once, [0, 1]. */
  revisit_rate: number;
  /** Distinct items touched per session (or per day where there is no session). */
  depth: number;
}

/**
 * All that is believed about one person: the blob a recommender reads.
 * A pure function of the person's events and the content they touch; no revision in it.
 */
export interface UserSignals {
  version: number;
  /** `occurred_at` of the newest event. */
  as_of: string;
  /** How many events shaped it. */
  n_events: number;
  /** Top 100. */
  positives: ItemWeights;
  /** Top 50. */
  negatives: ItemWeights;
  /**
   * Sorted 32-bit hashes (little endian) of items viewed or reacted to, base64. An item whose
   * snooze still stands as the last word is not among them: it is to come back.
   */
  seen: string;
  /** item id -> ISO time until which it is hidden (snooze, 24 h). */
  hidden_until: Record<string, string>;
  /** 20 newest items touched, newest first. */
  recent: string[];
  /** Top 64. */
  tag_affinity: TagWeights;
  /** Top 64. */
  tag_aversion: TagWeights;
  /** Unit vector towards what was liked, base64 float32 little endian; absent without evidence. */
  taste?: string | undefined;
  /** The same for what was disliked. */
  taste_away?: string | undefined;
  /** Up to 3 items that stand for separate interests. */
  interests: string[];
  behavior: Behaviour;
  /** Positive events by hour of day, 24 counts. */
  hours: number[];
  demographics: Record<string, string | number | boolean>;
  last_location?: GeoPoint | undefined;
  /** Embedding space the vectors live in: id and number of dimensions. */
  space?: { id: string; dimensions: number } | undefined;
}
