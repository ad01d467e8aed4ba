import { rankingRule, subjects } from "@signalpath/contracts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { openWorld, type World } from "../test-world.ts";
import { createCalls, type Calls } from "../training/test-calls.ts";

let world: World;
let calls: Calls;
const PATH = "ranking_rule/";
const pin = { project: 1, name: "week", kind: "pin", item_id: "t1", place: 2 };
beforeEach(async () => {
  world = await openWorld();
  calls = createCalls(world);
});
afterEach(() => world.close());

test("a rule is made, changed, listed and deleted; recommenders hear of each", async () => {
  const heard = await calls.heardOf(subjects.rankingRulesChanged);
  const made = rankingRule.strict().parse(await calls.send("POST", PATH, pin, 201));
  expect(made).toMatchObject({ ...pin, tag: null, strength: null, is_active: true });
  const boost = { project: 1, name: "rivers", kind: "boost", tag: "Theme: Rivers", strength: 0.2 };
  expect(await calls.send("POST", PATH, boost, 201)).toMatchObject({ tag: "theme:rivers" });
  const changed = await calls.send("PATCH", `${PATH}${made.id}/`, { place: 1, is_active: false });
  expect(changed).toMatchObject({ ...pin, place: 1, is_active: false });
  expect(await calls.read(`${PATH}${made.id}/`)).toEqual(changed);
  expect(await calls.read(`${PATH}?is_active=true&page_size=1`)).toMatchObject({
    count: 1,
    results: [{ name: "rivers" }],
  });
  await calls.send("DELETE", `${PATH}${made.id}/`, undefined, 204);
  await calls.read(`${PATH}${made.id}/`, 404);
  await vi.waitFor(() => expect(heard).toHaveLength(4), 30_000);
  expect(heard[0]).toEqual({ project_id: 1 });
});

test("members that do not fit together are refused, also when one of them is changed", async () => {
  for (const wrong of [
    { item_id: null },
    { tag: "a:b" },
    { item_id: null, tag: "a:b" },
    { place: null },
    { strength: 0.5 },
    { kind: "boost" },
    { kind: "exclude" },
    { place: 101 },
    { from: "2026-06-02T00:00:00Z", until: "2026-06-01T00:00:00Z" },
    { from: "soon" },
    { weight: 1 },
  ]) {
    await calls.send("POST", PATH, { ...pin, ...wrong }, 422);
  }
  const { id } = rankingRule.parse(await calls.send("POST", PATH, pin, 201));
  await calls.send("PATCH", `${PATH}${id}/`, { strength: 0.5 }, 422);
  expect(await calls.read(`${PATH}${id}/`)).toMatchObject(pin);
});

test("rules are their project's alone", async () => {
  const { id } = rankingRule.parse(await calls.send("POST", PATH, pin, 201));
  const { id: other } = await world.projects.create("other");
  const foreign = await world.issue(other, ["read", "write"]);
  await calls.send("PATCH", `${PATH}${id}/`, { place: 1 }, 404, foreign);
  await calls.send("DELETE", `${PATH}${id}/`, undefined, 404, foreign);
  await calls.send("POST", PATH, pin, 404, foreign);
  await calls.send("POST", PATH, pin, 403, world.readKey);
});
