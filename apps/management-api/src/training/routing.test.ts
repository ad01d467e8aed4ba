import { slotRouting, subjects } from "@signalpath/contracts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { openWorld, type World } from "../test-world.ts";
import { createCalls, type Calls } from "./test-calls.ts";

let world: World;
let calls: Calls;
const PATH = "project/1/routing/";
beforeEach(async () => {
  world = await openWorld();
  calls = createCalls(world);
});
afterEach(() => world.close());

test("a project's routing is read and changed, and gateways hear of it", async () => {
  await calls.read(PATH, 404);
  await calls.send("PATCH", PATH, { mode: "random" }, 404);
  const { id } = await calls.makeModel();
  await calls.send("POST", "deployment_slot/", { project: 1, name: "a", trained_model: id }, 201);
  expect(await calls.read(PATH)).toEqual({ project: 1, mode: "sticky" });
  const heard = await calls.heardOf(subjects.slotsChanged);
  const changed = await calls.send("PATCH", PATH, { mode: "random" });
  expect(slotRouting.strict().parse(changed)).toEqual({ project: 1, mode: "random" });
  expect(await calls.read(PATH)).toEqual(changed);
  expect(await world.deploymentSlots.routing(1)).toMatchObject({ mode: "random" });
  await vi.waitFor(() => expect(heard).toEqual([{ project_id: 1 }]));
});

test("it takes a write key of the project and a mode there is", async () => {
  const { id: other } = await world.projects.create("other");
  const foreign = await world.issue(other, ["read", "write"]);
  await calls.send("PATCH", PATH, { mode: "random" }, 404, foreign);
  await calls.send("PATCH", PATH, { mode: "random" }, 403, world.readKey);
  for (const body of [{}, { mode: "sometimes" }, { mode: "random", seed: "mine" }]) {
    await calls.send("PATCH", PATH, body, 422);
  }
});

test("an embedding is not judged by rows it did not see, and no slot takes one", async () => {
  const refused = await calls.send(
    "POST",
    "trained_model/",
    { project: 1, source: "archive", kind: "embedding", promotion: "better" },
    422,
  );
  expect(refused).toMatchObject({ code: "VALIDATION_FAILED", errors: [{ path: "promotion" }] });
  const { id } = await calls.makeModel({ kind: "embedding", promotion: "always" });
  const slot = { project: 1, name: "a", trained_model: id };
  expect(await calls.send("POST", "deployment_slot/", slot, 422)).toMatchObject({
    code: "MODEL_KIND_NOT_SERVED",
    errors: [{ path: "trained_model" }],
  });
  const { id: other } = await calls.makeModel({ kind: "popular" });
  const made = await calls.send("POST", "deployment_slot/", { ...slot, trained_model: other }, 201);
  const path = `deployment_slot/${String(made["id"])}/`;
  await calls.send("PATCH", path, { trained_model: id }, 422);
});
