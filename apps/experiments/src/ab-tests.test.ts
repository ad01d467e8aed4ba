import { subjects, type ErrorBody } from "@signalpath/contracts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { abTestResultsOf } from "./ab-test-results.ts";
import { openWorld, type World } from "./test-world.ts";

let world: World;
let control: number;
let variant: number;
let foreign: number;
beforeEach(async () => {
  world = await openWorld();
  control = await world.slot();
  variant = await world.slot();
  foreign = await world.slot(world.other.id);
});
afterEach(() => world.close());

const uuid = (n: number) => `0b8f7a52-6a5e-4c59-9d0a-${String(n).padStart(12, "0")}`;
const codeOf = async (response: Response) =>
  [response.status, ((await response.json()) as ErrorBody).code] as const;
const body = (changes: object = {}) => ({
  project: world.project.id,
  name: "EASE or iALS",
  control_slot: control,
  variant_slot: variant,
  ...changes,
});
const event = (changes: object = {}) => ({
  project: world.project.id,
  deployment_slot: control,
  user_id: "u1",
  item_id: "t1",
  event_type: "impression",
  recommendation_request_id: uuid(1),
  ...changes,
});
const create = async () => (await world.ok<{ id: number }>("POST", "/ab_test/", body())).id;

describe("conversion_event", () => {
  it("answers the stored row; an impression counts once a slot and request", async () => {
    const given = event({
      metadata_json: { place: 1 },
      value: 2,
      occurred_at: "2026-06-12T09:00:00Z",
    });
    const first = await world.ok("POST", "/conversion_event/", given);
    expect(first).toEqual({
      ...given,
      id: 1,
      occurred_at: "2026-06-12T09:00:00.000Z",
      timestamp: new Date(world.now()).toISOString(),
      idempotency_key: null,
      is_bot: false,
      recorded: true,
    });
    const again = await world.ok("POST", "/conversion_event", { ...given, user_id: "u2" });
    expect(again).toEqual({ ...first, recorded: false });
  });

  it("one request id is one, in capitals and small letters", async () => {
    const capitals = event({ recommendation_request_id: uuid(1).toUpperCase() });
    await world.ok("POST", "/conversion_event/", capitals);
    const again = await world.ok("POST", "/conversion_event/", event());
    expect(again).toMatchObject({ recorded: false, recommendation_request_id: uuid(1) });
  });

  it("late events of a removed slot are stored, whoever saw the slot while it was there", async () => {
    await world.slots.remove(variant);
    const late = event({ deployment_slot: variant });
    expect(await world.ok("POST", "/conversion_event/", late)).toMatchObject({ recorded: true });
    const id = await create().catch((error: unknown) => String(error));
    expect(id).toContain("AB_TEST_STATE");
    const strange = event({ deployment_slot: variant, project: world.other.id });
    const other = { key: world.otherKey };
    const refused = await world.request("POST", "/conversion_event/", strange, other);
    expect(await codeOf(refused)).toEqual([403, "FOREIGN_SLOT"]);
  });

  it("clicks count once an idempotency key, else each", async () => {
    const click = event({ event_type: "click" });
    const events = [click, click, ...[1, 2].map(() => ({ ...click, idempotency_key: "k1" }))];
    expect(await world.ok("POST", "/conversion_event/batch/", { events })).toEqual({
      received: 4,
      recorded: 3,
      deduplicated: 1,
      rejected: [],
      created: 3,
    });
    const keyed = await world.ok("POST", "/conversion_event/", { ...click, idempotency_key: "k1" });
    expect(keyed).toMatchObject({ recorded: false, idempotency_key: "k1" });
  });

  it("another's slot or project is 403 alone, named in a batch", async () => {
    const cases = [
      [event({ deployment_slot: foreign }), "FOREIGN_SLOT"],
      [event({ deployment_slot: 999 }), "FOREIGN_SLOT"],
      [event({ project: world.other.id }), "FOREIGN_PROJECT"],
    ] as const;
    for (const [given, code] of cases) {
      expect(await codeOf(await world.request("POST", "/conversion_event/", given))).toEqual([
        403,
        code,
      ]);
    }
    const events = [...cases.map(([given]) => given), event()];
    expect(await world.ok("POST", "/conversion_event/batch/", { events })).toEqual({
      received: 4,
      recorded: 1,
      deduplicated: 0,
      rejected: cases.map(([, code], index) => ({ index, code })),
      created: 1,
    });
    const many = { events: Array.from({ length: 1_001 }, () => event()) };
    expect((await world.request("POST", "/conversion_event/batch/", many)).status).toBe(422);
    const reader = { key: await world.issue(world.project.id, ["read"]) };
    const refused = await world.request("POST", "/conversion_event/", event(), reader);
    expect(await codeOf(refused)).toEqual([403, "SCOPE_MISSING"]);
  });
});

describe("ab_test", () => {
  it("runs from draft to winner; every other step is refused", async () => {
    const id = await create();
    const post = (verb: string, given?: object) =>
      world.request("POST", `/ab_test/${id}/${verb}/`, given);
    expect(await codeOf(await post("stop"))).toEqual([400, "AB_TEST_STATE"]);
    expect(await (await post("start")).json()).toMatchObject({ status: "RUNNING" });
    expect(await codeOf(await post("start"))).toEqual([400, "AB_TEST_STATE"]);
    const early = await post("promote_winner", { slot_id: variant });
    expect(await codeOf(early)).toEqual([400, "AB_TEST_STATE"]);
    expect(await (await post("stop")).json()).toMatchObject({ status: "COMPLETED" });
    const stranger = await post("promote_winner", { slot_id: foreign });
    expect(await codeOf(stranger)).toEqual([400, "AB_TEST_STATE"]);
    const heard: string[] = [];
    await world.bus.hear(subjects.slotsChanged.name, ({ subject }) => heard.push(subject));
    const promoted = await post("promote_winner", { slot_id: variant });
    expect(await promoted.json()).toEqual({ status: "promoted", winner_slot_id: variant });
    expect(await world.slots.get(variant)).toMatchObject({ weight: 100, is_active: true });
    expect(await world.slots.get(control)).toMatchObject({ is_active: false });
    expect(await world.ok("GET", `/ab_test/${id}/`)).toMatchObject({ winner_slot: variant });
    await vi.waitFor(() => expect(heard).toHaveLength(1));
  });

  it("takes two different slots of its own project, and is nobody else's", async () => {
    const refused = async (changes: object) =>
      codeOf(await world.request("POST", "/ab_test/", body(changes)));
    expect(await refused({ variant_slot: foreign })).toEqual([400, "AB_TEST_STATE"]);
    expect(await refused({ variant_slot: control })).toEqual([422, "VALIDATION_FAILED"]);
    expect(await refused({ project: world.other.id })).toEqual([403, "FOREIGN_PROJECT"]);
    const id = await create();
    const other = { key: world.otherKey };
    const answer = await world.request("GET", `/ab_test/${id}/results/`, undefined, other);
    expect(await codeOf(answer)).toEqual([404, "AB_TEST_NOT_FOUND"]);
    const listed = await world.ok<{ count: number }>("GET", "/ab_test/", undefined, other);
    expect(listed.count).toBe(0);
    expect(await world.ok("DELETE", `/ab_test/${id}/`)).toMatchObject({ status: "CANCELLED" });
  });

  it("of a removed slot may be renamed, and reads on", async () => {
    const id = await create();
    await world.ok("POST", `/ab_test/${id}/start/`);
    await world.slots.remove(variant);
    const renamed = await world.ok("PATCH", `/ab_test/${id}/`, { name: "late" });
    expect(renamed).toMatchObject({ name: "late", variant_slot: variant });
    await world.ok("POST", "/conversion_event/", event({ deployment_slot: variant }));
    const results = await world.ok("GET", `/ab_test/${id}/results/`);
    expect(results).toMatchObject({ variant_impressions: 1 });
  });

  it("counts what occurred while it ran: shown requests, once each", async () => {
    const id = await create();
    const results = () => world.ok<Record<string, unknown>>("GET", `/ab_test/${id}/results/`);
    expect(await results()).toMatchObject({ control_impressions: 0, p_value: 1, lift: 0 });
    const before = new Date(world.now() - 1).toISOString();
    await world.ok("POST", `/ab_test/${id}/start/`);
    const events = [
      event({ occurred_at: before, recommendation_request_id: uuid(9) }),
      ...[1, 2, 3, 4].map((n) => event({ user_id: `u${n}`, recommendation_request_id: uuid(n) })),
      event({ recommendation_request_id: null }),
      event({ event_type: "click" }),
      event({ event_type: "click" }),
      event({ event_type: "click", recommendation_request_id: uuid(9) }),
      event({ event_type: "click", recommendation_request_id: null }),
      event({ deployment_slot: variant, recommendation_request_id: uuid(11) }),
    ];
    await world.ok("POST", "/conversion_event/batch/", { events });
    expect(await results()).toMatchObject({
      control_impressions: 5,
      control_conversions: 1,
      control_rate: 0.2,
      variant_impressions: 1,
      variant_conversions: 0,
      users: { control: 4, variant: 1 },
      srm: { status: "not_enough_traffic" },
      sufficient_data: false,
    });
  });

  it.each([
    [[1_000, 100], [1_000, 130], 0.95, [2.1027, 0.035488, 30, 0.002068, 0.057932], true],
    [[1_000, 100], [1_000, 130], 0.99, [2.1027, 0.035488, 30, -0.006709, 0.066709], false],
    [[5_230, 412], [5_180, 467], 0.95, [2.0876, 0.036833, 14.44, 0.000695, 0.022061], true],
  ] as const)("%j against %j at %d reads as published", async (c, v, level, flat, significant) => {
    const totals = ([impressions, clicks]: readonly [number, number]) => ({
      slot_id: 1,
      impressions,
      users: impressions,
      clicks,
      purchases: 0,
      conversions: clicks,
    });
    const made = await world.deps.abTests.get(await create());
    const test = {
      ...(made as NonNullable<typeof made>),
      confidence_level: level,
      started_at: "2026-06-01T00:00:00.000Z",
    };
    const events = {
      ...world.deps.experimentEvents,
      slotTotals: async () => [totals(c), totals(v)],
    };
    const found = await abTestResultsOf({ events, slots: world.slots, kit: world.kit }, test);
    const { z_score, p_value, lift, confidence_interval } = found;
    expect([z_score, p_value, lift, ...confidence_interval]).toEqual(flat);
    expect(found.significant).toBe(significant);
    expect(found.always_valid.p).toBeGreaterThan(p_value);
    expect(found.bayesian.chance_to_win).toBeGreaterThan(0.95);
  });
});
