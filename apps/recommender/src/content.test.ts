import { contentItem, contentPage } from "@signalpath/contracts";
import { afterEach, beforeEach, expect, test } from "vitest";

import { openWorld, q, sampleItems, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

test("one item as it was written, or 404", async () => {
  const response = await world.request("/api/content/bread-1");
  expect(contentItem.parse(await response.json())).toEqual(
    sampleItems().find((item) => item.item_id === "bread-1"),
  );
  const missing = await world.request("/api/content/none");
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({ code: "ITEM_NOT_FOUND" });
  expect((await world.request("/api/content/bread-1", { key: null })).status).toBe(401);
});

test("pages by item id, by text and by tag", async () => {
  const ids: string[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < 4; pages++) {
    const query: string = q({ limit: 4, ...(cursor === null ? {} : { cursor }) });
    const page = contentPage.parse(await (await world.request(`/api/content?${query}`)).json());
    ids.push(...page.items.map((item) => item.item_id));
    cursor = page.next;
  }
  expect(cursor).toBeNull();
  expect(ids).toEqual(
    sampleItems()
      .map((item) => item.item_id)
      .toSorted(),
  );
  const tagged = await world.request(`/api/content?${q({ tag: "THEME:chess", limit: 50 })}`);
  expect(contentPage.parse(await tagged.json()).items).toHaveLength(5);
  const found = await world.request(`/api/content?${q({ query: "rivers number 2" })}`);
  expect(contentPage.parse(await found.json()).items.map((item) => item.item_id)).toContain(
    "rivers-2",
  );
  expect((await world.request("/api/content?limit=501")).status).toBe(422);
});
