import type { ContentItem, GeoPoint, TagWeights } from "@signalpath/domain";

/** What a search leaves out. */
export interface ContentFilter {
  /** 32-bit hashes (`hash32`) of item ids the person has seen. */
  seen?: ReadonlySet<number>;
  exclude?: ReadonlySet<string>;
  /** Canonical tag key every item must carry. */
  tag?: string;
  /** Hard radius: items without a place fall out. */
  within?: { point: GeoPoint; radiusM: number };
  /** Leaves out what is not yet published or has expired at this time. */
  nowMs: number;
}

/** Items are shared with the store: read, never change them. */
export interface ScoredItem {
  item: ContentItem;
  score: number;
}

export interface ContentPage {
  items: ContentItem[];
  /** Undefined at the end. */
  next: string | undefined;
}

/**
 * Content made searchable. Derived from the Catalogue; all searches are exact and deterministic
 * (ties by item id in code point order).
 */
export interface ContentStore {
  upsert(projectId: number, items: readonly ContentItem[]): Promise<void>;
  remove(projectId: number, itemIds: readonly string[]): Promise<void>;
  /** Those of the ids that are known, in the order asked. */
  get(projectId: number, itemIds: readonly string[]): Promise<ContentItem[]>;
  /** Nearest by cosine, best first; a vector of another length finds nothing. */
  searchVector(
    projectId: number,
    vector: Float32Array,
    k: number,
    filter: ContentFilter,
  ): Promise<ScoredItem[]>;
  /** By the share of `weights` that an item's tags cover, best first; only items that share one. */
  searchTags(
    projectId: number,
    weights: TagWeights,
    k: number,
    filter: ContentFilter,
  ): Promise<ScoredItem[]>;
  /** Nearest to the point, score = metres. */
  near(projectId: number, point: GeoPoint, k: number, filter: ContentFilter): Promise<ScoredItem[]>;
  /** Latest published first, score = published_at in ms. Items without a date come last (-Infinity). */
  newest(projectId: number, k: number, filter: ContentFilter): Promise<ScoredItem[]>;
  /** Browsing: text match in title or text, one tag; pages by item id. */
  list(
    projectId: number,
    options: { query?: string; tag?: string; limit: number; cursor?: string },
  ): Promise<ContentPage>;
  /** Tag keys of the catalogue by folded label; a label no tag has is absent. */
  tagKeys(projectId: number, foldedLabels: readonly string[]): Promise<Map<string, string[]>>;
  size(projectId: number): Promise<number>;
  check(): Promise<void>;
  /**
   * Keeps a project in this process: from here on nothing of it is written to a shared store or read
   * from there, so that vectors of all its items change in one step. Absent = everything is here.
   */
  hold?(projectId: number): void;
  /** Ends that: what is here is written to the shared store first, and read from there afterwards. */
  release?(projectId: number): void;
  /** True while a stand-in answers for the store that was chosen; absent = there is none. */
  degraded?(): boolean;
}
