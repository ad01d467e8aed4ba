import { type ContentItem, compareCodePoints } from "@signalpath/domain";

import { ask, type QdrantClient } from "./client.ts";
import type { Filter } from "./filter.ts";
import { readItem } from "./payload.ts";

/** Points a request reads at most. */
export const PAGE = 500;

/** One level of an order: an integer field of the payload and the same number from the item. */
export interface OrderKey {
  field: string;
  direction: "asc" | "desc";
  of: (item: ContentItem) => number;
}

/** Items of one collection. */
export interface Points {
  /** Those of the point ids that are there, by point id. */
  retrieve(ids: readonly string[]): Promise<Map<string, ContentItem>>;
  /** All that pass, in no useful order, `most` at most. */
  all(filter: Filter, most?: number): Promise<ContentItem[]>;
  /**
   * All that pass and carry the first key's field, by the keys and then by item id. Reads `batch`
   * points at a time, so whoever stops early has paid for little; only items equal in every key
   * are read together.
   */
  inOrder(filter: Filter, keys: readonly OrderKey[], batch: number): AsyncGenerator<ContentItem>;
}

export function createPoints(client: QdrantClient, collection: string): Points {
  async function retrieve(ids: readonly string[]): Promise<Map<string, ContentItem>> {
    const found = new Map<string, ContentItem>();
    for (let at = 0; at < ids.length; at += PAGE) {
      const records = await ask(() =>
        client.retrieve(collection, { ids: ids.slice(at, at + PAGE), with_payload: ["item"] }),
      );
      for (const { id, payload } of records) found.set(String(id), readItem(payload));
    }
    return found;
  }

  async function all(filter: Filter, most = Number.POSITIVE_INFINITY): Promise<ContentItem[]> {
    const items: ContentItem[] = [];
    let offset: string | number | undefined;
    do {
      const limit = Math.min(PAGE, most - items.length);
      const page = await ask(() =>
        client.scroll(collection, {
          filter,
          limit,
          with_payload: ["item"],
          ...(offset === undefined ? {} : { offset }),
        }),
      );
      for (const { payload } of page.points) items.push(readItem(payload));
      const next = page.next_page_offset;
      offset = typeof next === "string" || typeof next === "number" ? next : undefined;
    } while (offset !== undefined && items.length < most);
    return items;
  }

  async function* inOrder(
    filter: Filter,
    keys: readonly OrderKey[],
    batch: number,
  ): AsyncGenerator<ContentItem> {
    const [key, ...finer] = keys;
    if (key === undefined) {
      yield* (await all(filter)).sort(byId);
      return;
    }
    let rest = filter;
    for (;;) {
      const { points } = await ask(() =>
        client.scroll(collection, {
          filter: rest,
          limit: batch,
          order_by: { key: key.field, direction: key.direction },
          with_payload: ["item"],
        }),
      );
      const items = points.map(({ payload }) => readItem(payload));
      const last = items.at(-1);
      if (last === undefined) return;
      const sign = key.direction === "asc" ? 1 : -1;
      items.sort((a, b) => sign * (key.of(a) - key.of(b)) || byId(a, b));
      if (items.length < batch) {
        yield* items;
        return;
      }
      // The end of a full batch may cut through equals: they are read again, by the finer keys.
      const cut = key.of(last);
      yield* items.filter((item) => key.of(item) !== cut);
      yield* inOrder(narrowed(filter, { key: key.field, match: { value: cut } }), finer, batch);
      rest = narrowed(filter, {
        key: key.field,
        range: key.direction === "asc" ? { gt: cut } : { lt: cut },
      });
    }
  }

  return { retrieve, all, inOrder };
}

function narrowed(filter: Filter, condition: Filter["must"][number]): Filter {
  return { ...filter, must: [...filter.must, condition] };
}

function byId(a: ContentItem, b: ContentItem): number {
  return compareCodePoints(a.item_id, b.item_id);
}
