import { distanceM } from "@signalpath/domain";

import type { MemoryIndex } from "./memory-index.ts";
import type { ContentFilter } from "./port.ts";

/** The filter as one question about a row, cheapest test first. */
export function rowFilter(index: MemoryIndex, filter: ContentFilter): (row: number) => boolean {
  const { rows, hashes, publishedMs, expiresMs, lats, lons } = index;
  const { seen, exclude, within, nowMs } = filter;
  const carriers = filter.tag === undefined ? undefined : index.tagged(filter.tag);
  return (at) => {
    // A free row has expired. Comparisons with NaN are false: an absent date hides nothing.
    if (publishedMs[at]! > nowMs || expiresMs[at]! <= nowMs) return false;
    if (carriers !== undefined && !carriers.has(at)) return false;
    if (seen?.has(hashes[at]!)) return false;
    if (exclude?.has(rows[at]!.item.item_id)) return false;
    if (within === undefined) return true;
    const lat = lats[at]!;
    const lon = lons[at]!;
    if (Number.isNaN(lat) || Number.isNaN(lon)) return false;
    return distanceM(within.point, { lat, lon }) <= within.radiusM;
  };
}
