import { afterAll, beforeAll, expect, test } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
let adminKey: string;
let otherId: number;
beforeAll(async () => {
  world = await openWorld();
  otherId = (await world.projects.create("other")).id;
  adminKey = (await world.issue(world.project.id, ["admin"])).key;
  await world.store([world.event("zoe", { kind: "feedback", reaction: "like", item_id: "x" })]);
});
afterAll(() => world.close());

async function status(path: string, key: string): Promise<[number, unknown]> {
  const response = await world.request(path, { key });
  const body = (await response.json()) as { code?: string };
  return [response.status, body.code];
}

test("an admin key reads the project it names: its own by default, never another's by accident", async () => {
  const own = `/api/usermodel?user_id=zoe`;
  expect(await status(own, adminKey)).toEqual([200, undefined]);
  expect(await status(`${own}&project=${world.project.id}`, adminKey)).toEqual([200, undefined]);
  expect(await status(`${own}&project=${otherId}`, adminKey)).toEqual([
    404,
    "USER_MODEL_NOT_FOUND",
  ]);
});

test.each([
  "/api/recommend?user_id=zoe",
  "/api/usermodel?user_id=zoe",
  "/api/usermodel/explain?user_id=zoe",
  "/api/usermodel/history?user_id=zoe",
  "/api/content?limit=5",
  "/api/content/x?",
])("%s refuses a project that is foreign, unknown or none", async (path) => {
  expect(await status(`${path}&project=${otherId}`, world.readKey)).toEqual([
    403,
    "FOREIGN_PROJECT",
  ]);
  expect(await status(`${path}&project=99`, adminKey)).toEqual([404, "PROJECT_NOT_FOUND"]);
  expect(await status(`${path}&project=all`, adminKey)).toEqual([422, "VALIDATION_FAILED"]);
});
