import type { ContentItem } from "@signalpath/domain";

export interface CatalogueRow {
  item: ContentItem;
  /** Catalogue version that wrote it. */
  version: number;
  /** True: the item was removed by that version. */
  removed: boolean;
}

/** The truth about content, written by management-api, read by every content index. */
export interface Catalogue {
  /**
   * Upserts in one transaction; an equal item is left alone. The version rises by one a call that
   * changed something. A vector whose length differs from the project's throws RefusedError.
   */
  put(
    projectId: number,
    items: readonly ContentItem[],
  ): Promise<{ upserted: string[]; unchanged: number; version: number }>;
  remove(
    projectId: number,
    itemIds: readonly string[],
  ): Promise<{ removed: string[]; version: number }>;
  get(projectId: number, itemIds: readonly string[]): Promise<ContentItem[]>;
  /** Rows (removals included) with version > `after`, by (version, item id), at most `limit`. */
  changes(
    projectId: number,
    options: { after: number; afterItemId?: string; limit: number },
  ): Promise<CatalogueRow[]>;
  /** 0 = never written. */
  version(projectId: number): Promise<number>;
  check(): Promise<void>;
}
