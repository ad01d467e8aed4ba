import { promotedVariation, subjects, type ErrorBody } from "@signalpath/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const TRENDS = { weights: { trend: 2, aversion: -1 }, mmr_lambda: 0.5 };
const variations = (ranking?: object) => [
  { index: 0, name: "control", weight: 0.5 },
  { index: 1, name: "new", weight: 0.5, ...(ranking === undefined ? {} : { ranking }) },
];
const keyed = (key: string) => ({ headers: { "idempotency-key": key } });
const give = (id: string, index: number, options: Parameters<World["request"]>[3] = {}) =>
  world.request("POST", `/experiments/${id}/promote`, { variation_index: index }, options);
const state = (id: string) => world.ok("GET", `/experiments/${id}/promote`);
const codeOf = async (response: Response) =>
  [response.status, ((await response.json()) as ErrorBody).code] as const;

describe("a variation for everybody", () => {
  it("ends the experiment, and its ranking is the project's; the recommender is told", async () => {
    const id = await world.experiment({ variations: variations(TRENDS) });
    expect(await state(id)).toEqual({ ranking: null });
    const heard: unknown[] = [];
    await world.bus.hear(
      subjects.experimentChanged.name,
      ({ body }) => void heard.push(JSON.parse(body)),
    );
    const answer = promotedVariation.parse(await (await give(id, 1)).json());
    const ranking = { project: world.project.id, ranking: TRENDS, experiment_id: id };
    expect(answer).toMatchObject({
      experiment: { id, status: "stopped" },
      ranking: { ...ranking, variation_index: 1 },
    });
    expect(await state(id)).toEqual({ ranking: answer.ranking });
    const told = { project_id: world.project.id, experiment_id: id, status: "stopped" };
    await expect.poll(() => heard, { timeout: 30_000 }).toEqual([told]);
  });

  it("is laid over what was promoted before, and taken back as a whole", async () => {
    const first = await world.experiment({ variations: variations(TRENDS) });
    await give(first, 1);
    const over = { weights: { trend: 3 }, tag_cap: { max: 2, window: 5 } };
    const second = await world.experiment({ variations: variations(over) });
    expect(await (await give(second, 1)).json()).toMatchObject({
      ranking: {
        experiment_id: second,
        ranking: {
          weights: { trend: 3, aversion: -1 },
          mmr_lambda: 0.5,
          tag_cap: { max: 2, window: 5 },
        },
      },
    });
    expect(await state(first)).toEqual({ ranking: null });
    const undo = (id: string) => world.request("DELETE", `/experiments/${id}/promote`);
    expect(await codeOf(await undo(first))).toEqual([409, "CONFLICT"]);
    expect((await undo(second)).status).toBe(200);
    expect((await undo(second)).status).toBe(200);
    expect(await state(second)).toEqual({ ranking: null });
  });

  it("may be the control: the project's ranking stays as it is", async () => {
    const first = await world.experiment({ variations: variations(TRENDS) });
    await give(first, 1);
    const second = await world.experiment({ variations: variations({ mmr_lambda: 0.9 }) });
    expect(await (await give(second, 0)).json()).toMatchObject({
      experiment: { status: "stopped" },
      ranking: { experiment_id: first, ranking: TRENDS },
    });
  });

  it("a retry of one key answers the same and writes nothing", async () => {
    const id = await world.experiment({ variations: variations(TRENDS) });
    const once = await (await give(id, 1, keyed("k"))).json();
    await world.ok("DELETE", `/experiments/${id}/promote`);
    expect(await (await give(id, 1, keyed("k"))).json()).toEqual(once);
    expect(await state(id)).toEqual({ ranking: null });
    expect(await codeOf(await give(id, 0, keyed("k")))).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
    // Without a key each call is a wish of its own, and wishing the same twice changes nothing.
    for (let n = 0; n < 2; n++) expect((await give(id, 1)).status).toBe(200);
    expect(await state(id)).toMatchObject({ ranking: { variation_index: 1 } });
  });

  it("of a draft, of an unknown one and of another project's is refused", async () => {
    const draft = await world.experiment({ status: "draft", variations: variations(TRENDS) });
    expect(await codeOf(await give(draft, 1))).toEqual([409, "CONFLICT"]);
    const id = await world.experiment({ variations: variations(TRENDS) });
    expect(await codeOf(await give(id, 2))).toEqual([422, "VALIDATION_FAILED"]);
    const other = { key: world.otherKey };
    const missing = [404, "EXPERIMENT_NOT_FOUND"];
    expect(await codeOf(await give(id, 1, other))).toEqual(missing);
    for (const method of ["GET", "DELETE"]) {
      const path = `/experiments/${id}/promote`;
      expect(await codeOf(await world.request(method, path, undefined, other))).toEqual(missing);
    }
    const reader = { key: await world.issue(world.project.id, ["read"]) };
    expect(await codeOf(await give(id, 1, reader))).toEqual([403, "SCOPE_MISSING"]);
    expect(await world.ok("GET", `/experiments/${id}`)).toMatchObject({ status: "running" });
    expect(await state(id)).toEqual({ ranking: null });
  });
});

describe("a slot for everybody", () => {
  async function completed() {
    const [control, variant] = [await world.slot(), await world.slot()];
    const body = { project: world.project.id, name: "a or b" };
    const slots = { control_slot: control, variant_slot: variant };
    const { id } = await world.ok<{ id: number }>("POST", "/ab_test/", { ...body, ...slots });
    await world.ok("POST", `/ab_test/${id}/start/`);
    await world.ok("POST", `/ab_test/${id}/stop/`);
    const win = (slot_id: number, options = {}) =>
      world.request("POST", `/ab_test/${id}/promote_winner/`, { slot_id }, options);
    return { control, variant, win };
  }

  it("a retry of one key answers the same and moves no slot again", async () => {
    const { control, variant, win } = await completed();
    const once = await (await win(variant, keyed("k"))).json();
    expect(await world.slots.get(control)).toMatchObject({ is_active: false });
    await world.slots.update(control, { is_active: true, weight: 30 });
    expect(await (await win(variant, keyed("k"))).json()).toEqual(once);
    expect(await world.slots.get(control)).toMatchObject({ is_active: true, weight: 30 });
    expect(await codeOf(await win(control, keyed("k")))).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
  });

  it("whose slot was removed meanwhile: nothing is switched off", async () => {
    const { control, variant, win } = await completed();
    await world.slots.remove(variant);
    expect(await codeOf(await win(variant))).toEqual([400, "AB_TEST_STATE"]);
    expect(await world.slots.get(control)).toMatchObject({ is_active: true });
    expect(await codeOf(await win(control, { key: world.otherKey }))).toEqual([
      404,
      "AB_TEST_NOT_FOUND",
    ]);
  });
});
