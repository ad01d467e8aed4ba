import type { ContentItem, GeoPoint } from "@signalpath/domain";
import type { ScoredItem } from "@signalpath/ports";

import { type Condition, withinRadius } from "./filter.ts";
import type { Rank, Search } from "./rank.ts";

const FIRST_RADIUS_M = 1_000;
const GROWTH = 8;
/** No two places on earth are farther apart than this. */
const WHOLE_EARTH_M = 20_100_000;
/** How often a radius that holds too many is narrowed; each time by less. */
const NARROWINGS = 8;

/** What `nearest` asks of the server. `undefined` = anywhere. */
export interface Places {
  count(within: Condition | undefined): Promise<number>;
  read(within: Condition | undefined, most: number): Promise<ContentItem[]>;
}

/**
 * The `k` nearest. The server filters by distance but does not order by it, so a radius is grown
 * until it holds enough, narrowed while it holds far too many, and what it holds is ranked here.
 * More than `most` items in the smallest such radius are cut, and told to `onCut`.
 */
export async function nearest(
  rank: Rank,
  point: GeoPoint,
  k: number,
  most: number,
  places: Places,
  search: Search,
  onCut: () => void,
): Promise<ScoredItem[]> {
  const around = (radiusM: number) =>
    radiusM < WHOLE_EARTH_M ? withinRadius(point, radiusM) : undefined;
  let empty = 0;
  for (let radius = FIRST_RADIUS_M; ; radius *= GROWTH) {
    const count = await places.count(around(radius));
    const whole = radius >= WHOLE_EARTH_M;
    if (count < k && !whole) {
      empty = radius;
      continue;
    }
    const enough = Math.min(most, 4 * k + 100);
    const small =
      count <= enough ? radius : await narrow(empty, Math.min(radius, WHOLE_EARTH_M), enough);
    const items = await places.read(around(small), most);
    const ranked = await rank(items, search);
    // Fewer than asked: what this process leaves out was counted, so look farther.
    if (ranked.length < k && small < WHOLE_EARTH_M) {
      empty = small;
      radius = small;
      continue;
    }
    if (items.length >= most) onCut();
    return ranked;
  }

  /** A radius that still holds `k`, and not many more. */
  async function narrow(tooSmall: number, tooLarge: number, enough: number): Promise<number> {
    let [low, high] = [tooSmall, tooLarge];
    for (let n = 0; n < NARROWINGS; n++) {
      const middle = (low + high) / 2;
      const count = await places.count(around(middle));
      if (count < k) low = middle;
      else high = middle;
      if (count >= k && count <= enough) break;
    }
    return high;
  }
}
