import type { Neighbour } from "@signalpath/domain";

/** Classes that item hours count. */
export const EVENT_CLASSES = ["served", "view", "positive", "negative"] as const;
export type EventClass = (typeof EVENT_CLASSES)[number];

/** How often something happened to an item in one hour. */
export interface ItemHour {
  item_id: string;
  /** Hours since 1970, UTC. */
  hour: number;
  event_class: EventClass;
  count: number;
}

export interface NeighbourRow {
  item_id: string;
  /** Most similar first, at most 50. */
  neighbours: Neighbour[];
}

/** What the archive counted about items. Raised in the archive transaction, read by the recommender. */
export interface ItemStats {
  /** All rows with hour >= `sinceHour`. */
  itemHours(projectId: number, sinceHour: number): Promise<ItemHour[]>;
  /** Replaces a project's neighbour table as one step. */
  replaceNeighbours(
    projectId: number,
    rows: readonly NeighbourRow[],
    computedAt: string,
  ): Promise<void>;
  /** The table, or undefined when it was not computed after `knownAt` (`computedAt` of a read before). */
  neighbours(
    projectId: number,
    knownAt?: string,
  ): Promise<{ computedAt: string; rows: NeighbourRow[] } | undefined>;
}
