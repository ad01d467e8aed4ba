import { distanceM } from "@signalpath/domain";

import type { Row } from "./memory-index.ts";
import type { ContentFilter } from "./port.ts";

/** The filter as one question about a row, cheapest test first. */
export function rowFilter(
  rows: readonly (Row | undefined)[],
  tagged: (key: string) => ReadonlySet<number>,
  filter: ContentFilter,
): (row: number) => boolean {
  const { seen, exclude, within, nowMs } = filter;
  const carriers = filter.tag === undefined ? undefined : tagged(filter.tag);
  return (at) => {
    const row = rows[at];
    if (row === undefined) return false;
    // Comparisons with NaN are false: an absent date hides nothing.
    if (row.publishedMs > nowMs || row.expiresMs <= nowMs) return false;
    if (carriers !== undefined && !carriers.has(at)) return false;
    if (seen?.has(row.hash)) return false;
    if (exclude?.has(row.item.item_id)) return false;
    if (within === undefined) return true;
    const { lat, lon } = row.item;
    if (lat === undefined || lon === undefined) return false;
    return distanceM(within.point, { lat, lon }) <= within.radiusM;
  };
}
