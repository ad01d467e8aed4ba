import { type ContentItem, compareCodePoints, fold, foldTagText } from "@signalpath/domain";

import type { MemoryIndex } from "./memory-index.ts";
import type { ContentPage, ContentStore } from "./port.ts";

/**
 * One page in id order. The cursor is the last id handed out, so items stored or removed between
 * two pages neither repeat nor hide others.
 */
export function listPage(
  index: MemoryIndex,
  options: Parameters<ContentStore["list"]>[1],
): ContentPage {
  const { limit, cursor } = options;
  const query = options.query === undefined ? "" : fold(options.query);
  const carriers = options.tag === undefined ? undefined : index.tagged(foldTagText(options.tag));
  const { rows } = index.ranks();
  const idAt = (place: number): string => index.rows[rows[place]!]!.item.item_id;
  const items: ContentItem[] = [];
  for (
    let i = cursor === undefined ? 0 : firstAfter(rows.length, idAt, cursor);
    i < rows.length;
    i++
  ) {
    const at = rows[i]!;
    const { item } = index.rows[at]!;
    if (carriers !== undefined && !carriers.has(at)) continue;
    if (query !== "" && !mentions(item, query)) continue;
    if (items.length === limit) return { items, next: items.at(-1)?.item_id };
    items.push(item);
  }
  return { items, next: undefined };
}

function mentions(item: ContentItem, folded: string): boolean {
  return fold(item.title).includes(folded) || fold(item.text ?? "").includes(folded);
}

/** Place of the first of `length` sorted ids after `cursor`, which itself may be gone. */
function firstAfter(length: number, idAt: (place: number) => string, cursor: string): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareCodePoints(idAt(middle), cursor) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
