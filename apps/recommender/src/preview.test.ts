import { recommendResponse } from "@signalpath/contracts";
import { afterEach, beforeEach, expect, test } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const post = (body: unknown, init: { key?: string | null } = {}) =>
  world.request("/api/recommend/preview", {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });

async function preview(body: unknown) {
  const response = await post(body);
  expect(response.status).toBe(200);
  return recommendResponse.parse(await response.json());
}

test.each([
  ["an affinity in any spelling", { tag_affinity: { "Theme:  CHESS": 1 } }],
  ["a liked item", { like_items: ["chess-4"] }],
  ["a trait that names a tag", { demographics: { hobby: "Chess" } }],
])("%s leads the list", async (_name, body) => {
  const list = await preview({ ...body, limit: 3 });
  expect(list.strategy).toBe("warm");
  expect(list.items).toHaveLength(3);
  expect(list.items[0]?.item_id).toMatch(/^chess-/);
  expect(await preview({ ...body, limit: 3 })).toMatchObject({ items: list.items });
});

test("liked items are not recommended back; nothing at all is a cold list", async () => {
  const liked = await preview({ like_items: ["chess-4"], limit: 15 });
  expect(liked.items.map((item) => item.item_id)).not.toContain("chess-4");
  expect((await preview({})).strategy).toBe("cold");
  expect((await post("")).status).toBe(200);
});

test("bad bodies", async () => {
  expect((await post("{")).status).toBe(400);
  expect((await post({ limit: 0 })).status).toBe(422);
  expect((await post({ colour: "red" })).status).toBe(422);
  expect((await post({ tag_affinity: { a: 2 } })).status).toBe(422);
  expect((await post('{"tag_affinity": {"__proto__": 1}}')).status).toBe(422);
  expect((await post({}, { key: null })).status).toBe(401);
});
