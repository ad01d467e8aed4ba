import {
  recommendResponse,
  type historyResponse,
  type UserModelResponse,
} from "@signalpath/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { z } from "zod";

import { openWorld, q, type World } from "./test-world.ts";

/** Ids that would mean something to a subject, a key, a query, a log or a path, if they got there. */
export const HOSTILE = [
  "a.b.c",
  "a b",
  "*",
  ">",
  "users.>",
  "x\r\nSET y 1",
  "{h}:1",
  "'; drop table events; --",
  "../../etc/passwd",
  "a/b?c=d#e&f",
  "%2e%2e%2f",
  "100%",
  "__proto__",
  "constructor",
  "日本語 🦉",
  "é",
  "\u0000nul",
  '"quoted\\"',
  "x".repeat(200),
];

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test.each(HOSTILE)("user id %j is data", async (id) => {
  const before = recommendResponse.parse(
    await (await world.request(`/api/recommend?${q({ user_id: id })}`)).json(),
  );
  expect(before).toMatchObject({ user_id: id, strategy: "cold" });
  if (id.includes("\u0000")) return;
  await world.like(id, "chess-1");
  const after = recommendResponse.parse(
    await (await world.request(`/api/recommend?${q({ user_id: id })}`)).json(),
  );
  expect(after).toMatchObject({ user_id: id, strategy: "warm" });
  const model = await world.request(`/api/usermodel?${q({ user_id: id })}`);
  expect(((await model.json()) as UserModelResponse).viewed).toEqual(["chess-1"]);
  const history = await world.request(`/api/usermodel/history?${q({ user_id: id })}`);
  const { events } = (await history.json()) as z.output<typeof historyResponse>;
  expect(events.map((event) => event.item_id)).toEqual(["chess-1"]);
  expect(world.lines.join("")).not.toContain(id);
});

test.each(HOSTILE)("item id %j is data", async (id) => {
  const { project, catalogue, content } = world;
  const item = { item_id: id, title: "odd", tags: [{ facet: "odd", label: id }] };
  if (!id.includes("\u0000")) await catalogue.put(project.id, [item]);
  await content.upsert(project.id, [item]);
  const response = await world.request(`/api/content/${encodeURIComponent(id)}`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual(item);
  const list = recommendResponse.parse(
    await (
      await world.request(`/api/recommend?${q({ user_id: "u", limit: 100, filter: `odd:${id}` })}`)
    ).json(),
  );
  expect(list.items.map((one) => one.item_id)).toContain(id);
  await world.content.remove(project.id, [id]);
});

test("ten kilobytes of an id are refused, not cut", async () => {
  const long = "x".repeat(10_240);
  for (const path of ["/api/recommend", "/api/usermodel", "/api/usermodel/history"]) {
    expect((await world.request(`${path}?${q({ user_id: long })}`)).status).toBe(422);
  }
  expect((await world.request(`/api/content/${long}`)).status).toBe(404);
});
