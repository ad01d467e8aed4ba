import type { ContentItem } from "@signalpath/domain";

import { assertId } from "../archive/storable.ts";
import { RefusedError } from "../errors.ts";

/**
 * The same line for every keeper of the catalogue: an item id that fits, and no NUL or half a
 * surrogate pair in any text, which JSON columns refuse.
 *
 * @throws RefusedError naming the problem, never the value.
 */
export function assertStorableItem(item: ContentItem): void {
  if (item.item_id === "") throw new RefusedError("item_id is empty");
  assertId("item_id", item.item_id);
  // JSON.stringify escapes both, so their escapes are what to look for (and not `\\u0000`).
  if (/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(JSON.stringify(item))) {
    throw new RefusedError("the item holds NUL or a lone surrogate");
  }
}

/** JSON with sorted keys: two values are equal when these texts are. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
