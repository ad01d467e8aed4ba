/** A tag as written by the owner of the catalogue. `weight` in (0, 1], 1 when absent. */
export interface ContentTag {
  facet: string;
  label: string;
  weight?: number | undefined;
}

/** One thing that can be recommended. */
export interface ContentItem {
  item_id: string;
  title: string;
  text?: string | undefined;
  tags: ContentTag[];
  word_count?: number | undefined;
  has_image?: boolean | undefined;
  lat?: number | undefined;
  lon?: number | undefined;
  /** Embedding; every vector of a project has the same length (2..4096), finite numbers. */
  vector?: number[] | undefined;
  /** ISO 8601 UTC; in the future = not yet published. */
  published_at?: string | undefined;
  /** ISO 8601 UTC; in the past = no longer recommended. */
  expires_at?: string | undefined;
  metadata?: Record<string, unknown> | undefined;
}
