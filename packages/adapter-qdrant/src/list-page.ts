import type { ContentItem } from "@signalpath/domain";
import { createMemoryContentStore, type ContentPage, type ContentStore } from "@signalpath/ports";

import { RANKED } from "./rank.ts";

/** Items matched at a time. */
const CHUNK = 200;

/**
 * One page of items that come in id order. Text is matched here, by the in-process store: the
 * server's text match knows words, not folded substrings.
 */
export async function listPage(
  inOrder: AsyncIterable<ContentItem>,
  after: (item: ContentItem) => boolean,
  { limit, query, tag }: Parameters<ContentStore["list"]>[1],
): Promise<ContentPage> {
  const matching: ContentItem[] = [];
  let chunk: ContentItem[] = [];
  const match = async () => {
    const store = createMemoryContentStore();
    // Text and tags are all that is asked of it.
    await store.upsert(
      RANKED,
      chunk.map(({ vector: _vector, ...item }) => item),
    );
    const wanted = { limit: chunk.length, ...(query === undefined ? {} : { query }) };
    const page = await store.list(RANKED, tag === undefined ? wanted : { ...wanted, tag });
    const found = new Set(page.items.map((item) => item.item_id));
    matching.push(...chunk.filter((item) => found.has(item.item_id)));
    chunk = [];
  };
  const size = Math.min(CHUNK, limit + 1);
  for await (const item of inOrder) {
    if (!after(item)) continue;
    chunk.push(item);
    if (chunk.length < size) continue;
    await match();
    if (matching.length > limit) break;
  }
  if (chunk.length > 0) await match();
  const items = matching.slice(0, limit);
  return { items, next: matching.length > limit ? items.at(-1)?.item_id : undefined };
}
