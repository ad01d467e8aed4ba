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

test("nor does a schedule let one serve by itself", async () => {
  const { id } = await calls.makeModel({ kind: "embedding", promotion: "always" });
  const body = { project: 1, trained_model: id };
  const path = "retraining_schedule/";
  const refusal = { code: "VALIDATION_FAILED", errors: [{ path: "auto_deploy" }] };
  const refused = await calls.send("POST", path, { ...body, auto_deploy: true }, 422);
  expect(refused).toMatchObject(refusal);
  const made = await calls.send("POST", path, body, 201);
  const own = `${path}${String(made["id"])}/`;
  expect(await calls.send("PATCH", own, { auto_deploy: true }, 422)).toMatchObject(refusal);
  expect(await calls.send("PATCH", own, { is_enabled: false })).toMatchObject({
    auto_deploy: false,
  });
});

test("a schedule trains the kind whose parameters it takes from the last run", async () => {
  const { id } = await calls.makeModel({ kind: "popular" });
  const wish = { kind: "ease", parameters: { lambda: 100 } };
  await calls.send("POST", `trained_model/${id}/retrain/`, wish, 202);
  const body = { project: 1, trained_model: id, auto_deploy: true };
  const made = await calls.send("POST", "retraining_schedule/", body, 201);
  const schedule = await world.retrainingSchedules.get(Number(made["id"]));
  expect(schedule?.spec).toMatchObject({ ...wish, promotion: "better" });
});
