import { hash32 } from "@signalpath/domain";
import { expect } from "vitest";

import type { ContentFilter, ContentStore } from "./port.ts";
import {
  CONTENT_NOW_MS,
  type MakeContentStore,
  type SkippedContentTests,
  contentItem,
  idsOf,
  isoBefore,
  promise,
} from "./under-test.ts";

const nowMs = CONTENT_NOW_MS;
const POINT = { lat: 52, lon: 10 };

/** All that a search leaves out, in every search alike. */
export function contentFilters(make: MakeContentStore, skip: SkippedContentTests): void {
  /** What all four searches find; they must agree. */
  const find = async (store: ContentStore, filter: Omit<ContentFilter, "nowMs">, k = 10) => {
    const full = { nowMs, ...filter };
    const found = await Promise.all([
      store.searchVector(1, Float32Array.of(1, 0), k, full),
      store.searchTags(1, { "topic:x": 1 }, k, full),
      store.near(1, POINT, k, full),
      store.newest(1, k, full),
    ]);
    const [first, ...others] = found.map((list) => idsOf(list).toSorted());
    for (const other of others) expect(other).toEqual(first);
    return first;
  };
  const everywhere = (id: string, label = "x", lat = POINT.lat) =>
    contentItem(id, {
      vector: [1, 0],
      tags: [
        { facet: "topic", label: "x" },
        { facet: "kind", label },
      ],
      lat,
      lon: POINT.lon,
    });

  promise(skip, "seen and excluded items are left out before the best are counted", async () => {
    const store = await make();
    await store.upsert(
      1,
      ["a", "b", "c", "d"].map((id) => everywhere(id)),
    );
    const filter = { seen: new Set([hash32("a")]), exclude: new Set(["b", "not there"]) };
    expect(await find(store, filter)).toEqual(["c", "d"]);
    expect(await find(store, filter, 2)).toEqual(["c", "d"]);
  });

  promise(skip, "a tag filter keeps the items that carry it", async () => {
    const store = await make();
    await store.upsert(1, [
      everywhere("a", "Map"),
      everywhere("b", "Text"),
      everywhere("c", "map"),
    ]);
    expect(await find(store, { tag: "kind:map" })).toEqual(["a", "c"]);
    expect(await find(store, { tag: "kind:film" })).toEqual([]);
  });

  promise(skip, "a radius is hard: farther items and items without a place fall out", async () => {
    const store = await make();
    const placeless = { vector: [1, 0], tags: [{ facet: "topic", label: "x" }] };
    await store.upsert(1, [
      everywhere("near"),
      everywhere("far", "x", POINT.lat + 1),
      contentItem("placeless", placeless),
    ]);
    expect(await find(store, { within: { point: POINT, radiusM: 1_000 } })).toEqual(["near"]);
    const wide = { within: { point: POINT, radiusM: 200_000 } };
    expect(await find(store, wide)).toEqual(["far", "near"]);
  });

  promise(skip, "what is not yet published or has expired is left out", async () => {
    const store = await make();
    await store.upsert(1, [
      { ...everywhere("current"), published_at: isoBefore(1), expires_at: isoBefore(-1) },
      { ...everywhere("just now"), published_at: isoBefore(0) },
      { ...everywhere("tomorrow"), published_at: isoBefore(-24) },
      { ...everywhere("over"), expires_at: isoBefore(0) },
    ]);
    expect(await find(store, {})).toEqual(["current", "just now"]);
    // Fetching and browsing are not recommending.
    expect(await store.get(1, ["tomorrow", "over"])).toHaveLength(2);
    expect((await store.list(1, { limit: 9 })).items).toHaveLength(4);
  });

  promise(skip, "filters hold together", async () => {
    const store = await make();
    await store.upsert(1, [
      everywhere("a", "map"),
      everywhere("b", "map"),
      everywhere("c", "map", POINT.lat + 1),
      everywhere("d", "text"),
      everywhere("e", "map"),
    ]);
    const filter = {
      tag: "kind:map",
      within: { point: POINT, radiusM: 1_000 },
      seen: new Set([hash32("a")]),
      exclude: new Set(["b"]),
    };
    expect(await find(store, filter)).toEqual(["e"]);
  });
}
