import type { ErrorBody } from "@signalpath/contracts";
import { userKey } from "@signalpath/domain";
import { sha256 } from "@signalpath/service-kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const codeOf = async (response: Response) =>
  [response.status, ((await response.json()) as ErrorBody).code] as const;
const people = (n: number, variation_index: number, from = 0) =>
  Array.from({ length: n }, (_, i) => ({ user_id: `u${from + i}`, variation_index }));

async function expose(id: string, exposures: object[]): Promise<Record<string, number>[]> {
  const answers = [];
  for (let at = 0; at < exposures.length; at += 1_000) {
    const body = { exposures: exposures.slice(at, at + 1_000) };
    answers.push(
      await world.ok<Record<string, number>>("POST", `/experiments/${id}/exposures`, body),
    );
  }
  return answers;
}

interface Results {
  computed_at: string;
  health: { status: string; srm: { status: string }; bots: number };
  metrics: {
    arms: { n: number; sum: number }[];
    comparisons: { verdict: string; summary: string; lift: number }[];
  }[];
  timeseries: { day: string; arms: { n: number }[] }[];
}
const results = (id: string, query = "") =>
  world.ok<Results>("GET", `/experiments/${id}/results${query}`);

describe("experiments", () => {
  it("are created, started, stopped and archived; nothing else follows", async () => {
    const id = await world.experiment({ status: "draft" });
    const change = (status: string) => world.request("PATCH", `/experiments/${id}`, { status });
    expect(await codeOf(await change("stopped"))).toEqual([409, "CONFLICT"]);
    for (const status of ["running", "running", "stopped", "running"]) {
      expect(await (await change(status)).json()).toMatchObject({ status });
    }
    const archived = await world.request("DELETE", `/experiments/${id}/`);
    expect(await archived.json()).toMatchObject({ id, status: "archived" });
    expect(await codeOf(await change("running"))).toEqual([409, "CONFLICT"]);
    expect(await world.ok("GET", `/experiments/${id}`)).toMatchObject({ status: "archived" });
    const exposures = await world.request("POST", `/experiments/${id}/exposures`, {
      exposures: [],
    });
    expect(await codeOf(exposures)).toEqual([404, "EXPERIMENT_NOT_FOUND"]);
  });

  it("what assigns users is frozen while one runs; more coverage is not", async () => {
    const id = await world.experiment({ coverage: 0.5 });
    const patch = (body: object) => world.request("PATCH", `/experiments/${id}`, body);
    const moved = [
      { index: 0, name: "control", weight: 0.4 },
      { index: 1, name: "new", weight: 0.6 },
    ];
    for (const body of [{ variations: moved }, { hash_seed: "x" }, { coverage: 0.4 }]) {
      expect(await codeOf(await patch(body))).toEqual([409, "EXPERIMENT_RUNNING"]);
    }
    expect((await patch({ coverage: 0.9, name: "renamed" })).status).toBe(200);
    const same = [
      { weight: 0.5, name: "control", index: 0 },
      { weight: 0.5, name: "new", index: 1 },
    ];
    expect((await patch({ variations: same, namespace: null })).status).toBe(200);
  });

  it("refuse texts that no database keeps as they are, and a namespace of nobody", async () => {
    const id = await world.experiment();
    const conversion = { user_id: "u", metric: "signup" };
    const variations = [{ index: 0, name: "control", weight: 1 }];
    const cases = [
      [
        `/experiments/${id}/conversions`,
        { conversions: [{ ...conversion, idempotency_key: "k\ud800" }] },
      ],
      [`/experiments/${id}/conversions`, { conversions: [{ ...conversion, metric: "m\ud800" }] }],
      [`/experiments/${id}/exposures`, { exposures: [{ user_id: "u\0", variation_index: 0 }] }],
      ["/experiments", { name: "x\ud800", variations }],
      ["/experiments", { name: "x", variations, hash_seed: "x\ud800" }],
      ["/experiments", { name: "x", variations, namespace: { id: "n", start: 0.5, end: 0.2 } }],
    ] as const;
    for (const [path, body] of cases) {
      expect(await codeOf(await world.request("POST", path, body))).toEqual([
        422,
        "VALIDATION_FAILED",
      ]);
    }
    expect(await world.ok("GET", `/experiments/${id}/ingestion`)).toMatchObject({
      conversions_total: 0,
    });
  });

  it("are another project's secret", async () => {
    const id = await world.experiment();
    const foreign = { key: world.otherKey };
    const calls = [
      ["GET", ""],
      ["GET", "/results"],
      ["GET", "/ingestion"],
      ["GET", "/assignment?user_id=u"],
      ["DELETE", ""],
      ["POST", "/exposures"],
    ] as const;
    for (const [method, path] of calls) {
      const body = method === "POST" ? { exposures: [] } : undefined;
      const answer = await world.request(method, `/experiments/${id}${path}`, body, foreign);
      expect(await codeOf(answer)).toEqual([404, "EXPERIMENT_NOT_FOUND"]);
    }
    const listed = await world.ok<{ count: number }>("GET", "/experiments", undefined, foreign);
    expect(listed.count).toBe(0);
    expect(await codeOf(await world.request("GET", "/experiments/7"))).toEqual([
      404,
      "EXPERIMENT_NOT_FOUND",
    ]);
    expect((await world.request("GET", "/experiments", undefined, { key: null })).status).toBe(401);
  });

  it("refuse bodies that make no sense, naming where", async () => {
    const weights = (...all: number[]) => ({
      name: "x",
      variations: all.map((weight, index) => ({ index, name: `v${index}`, weight })),
    });
    for (const body of [
      weights(0.5, 0.4),
      { ...weights(1), extra: 1 },
      { ...weights(1), metrics: [{ name: "r", kind: "ratio" }] },
      { name: "x", variations: [{ index: 1, name: "a", weight: 1 }] },
    ]) {
      const answer = await world.request("POST", "/experiments", body);
      expect(answer.status).toBe(422);
      expect(((await answer.json()) as ErrorBody).errors?.length).toBeGreaterThan(0);
    }
  });

  it("assign by the hash, the same for ever; nobody without an id takes part", async () => {
    const id = await world.experiment({ hash_seed: "seed" });
    const assigned = (user: string) =>
      world.ok<{ variation_index: number | null; hash: number | null }>(
        "GET",
        `/experiments/${id}/assignment?user_id=${user}`,
      );
    const first = await Promise.all(Array.from({ length: 40 }, (_, n) => assigned(`u${n}`)));
    expect(new Set(first.map((one) => one.variation_index))).toEqual(new Set([0, 1]));
    expect(await assigned("u7")).toEqual(first[7]);
    expect(await assigned("")).toEqual({ variation_index: null, hash: null });
  });
});

describe("exposures and conversions", () => {
  it("5,200 to 4,800 fails the split check, 5,050 to 4,950 does not", async () => {
    for (const [a, b, status] of [
      [5_200, 4_800, "failed"],
      [5_050, 4_950, "ok"],
    ] as const) {
      const id = await world.experiment();
      const [first] = await expose(id, [...people(a, 0), ...people(b, 1, a)]);
      expect(first).toEqual({ received: 1_000, recorded: 1_000, deduplicated: 0, flipped: 0 });
      const found = await results(id);
      expect(found.health.srm.status).toBe(status);
      expect(found.health.status).toBe(status === "failed" ? "red" : "ok");
      expect(found.metrics[0]?.arms.map(({ n }) => n)).toEqual([a, b]);
    }
  });

  it("shuffled times, duplicates and batches from all sides are counted exactly", async () => {
    const id = await world.experiment();
    const start = world.now() - 3_600_000;
    const all = Array.from({ length: 6_000 }, (_, n) => {
      const unit = (n * 7_919) % 4_000;
      const occurred_at = new Date(start + ((n * 104_729) % 3_000_000)).toISOString();
      return { user_id: `u${unit}`, variation_index: unit % 2, occurred_at };
    });
    const batches = Array.from({ length: 6 }, (_, n) => all.slice(n * 1_000, n * 1_000 + 1_000));
    const answers = await Promise.all(
      [...batches, ...batches.slice(0, 2)].map((exposures) =>
        world.ok<Record<string, number>>("POST", `/experiments/${id}/exposures`, { exposures }),
      ),
    );
    const sum = (name: string) => answers.reduce((total, one) => total + (one[name] ?? 0), 0);
    expect([sum("received"), sum("recorded"), sum("deduplicated")]).toEqual([8_000, 4_000, 4_000]);
    expect(sum("flipped")).toBe(0);
    expect(await world.ok("GET", `/experiments/${id}/ingestion`)).toMatchObject({
      exposures_total: 4_000,
      exposure_counts: [
        { variation_index: 0, count: 2_000 },
        { variation_index: 1, count: 2_000 },
      ],
      flipped_total: 0,
    });
  });

  it("results name a winner in a sentence, and are fresh after a small write", async () => {
    const id = await world.experiment();
    await expose(id, [...people(1_000, 0), ...people(1_000, 1, 1_000)]);
    const empty = await results(id);
    expect(empty.metrics[0]?.comparisons[0]?.verdict).toBe("no_answer");
    const signups = [...people(100, 0), ...people(220, 1, 1_000)].map(({ user_id }) => ({
      user_id,
      metric: "signup",
      idempotency_key: `s-${user_id}`,
    }));
    const body = { conversions: signups };
    const path = `/experiments/${id}/conversions`;
    expect(await world.ok("POST", path, body)).toEqual({
      received: 320,
      recorded: 320,
      deduplicated: 0,
    });
    expect(await world.ok("POST", path, body)).toMatchObject({ recorded: 0, deduplicated: 320 });
    const found = await results(id);
    expect(found.metrics[0]?.arms).toMatchObject([
      { n: 1_000, sum: 100 },
      { n: 1_000, sum: 220 },
    ]);
    expect(found.metrics[0]?.comparisons[0]).toMatchObject({ verdict: "winner" });
    expect(found.metrics[0]?.comparisons[0]?.lift).toBeCloseTo(1.2, 10);
    expect(found.timeseries).toHaveLength(1);
    expect((await results(id, "?metric=signup&alpha=.01&correction=bh")).metrics).toHaveLength(1);
    const unknown = await world.request("GET", `/experiments/${id}/results?metric=nope`);
    expect(await codeOf(unknown)).toEqual([422, "VALIDATION_FAILED"]);
  });

  it("more than 1,000 items, unknown fields and ids that are none are refused as a whole", async () => {
    const id = await world.experiment();
    const path = `/experiments/${id}/exposures`;
    const many = await world.request("POST", path, { exposures: people(1_001, 0) });
    expect(many.status).toBe(422);
    expect(JSON.stringify(await many.json())).toContain("at most 1000 items");
    for (const one of [
      { user_id: "", variation_index: 0 },
      { user_id: 7, variation_index: 0 },
      { user_id: "u", variation_index: 0, weight: 1 },
      { user_id: "u", variation_index: -1 },
      { user_id: "u\0", variation_index: 0 },
    ]) {
      const answer = await world.request("POST", path, { exposures: [...people(1, 0), one] });
      expect(await codeOf(answer)).toEqual([422, "VALIDATION_FAILED"]);
    }
    expect(await expose(id, [])).toEqual([]);
    expect(await world.ok("POST", path, { exposures: [] })).toMatchObject({ received: 0 });
    const { exposures_total } = await world.ok("GET", `/experiments/${id}/ingestion`);
    expect(exposures_total).toBe(0);
  });

  it("one Idempotency-Key: once, the same answer, and 422 for another body", async () => {
    const id = await world.experiment();
    const path = `/experiments/${id}/conversions`;
    const headers = { "idempotency-key": "call-1" };
    const body = { conversions: [{ user_id: "u1", metric: "signup" }] };
    const first = await world.ok("POST", path, body, { headers });
    expect(await world.ok("POST", path, body, { headers })).toEqual(first);
    const other = { conversions: [{ user_id: "u2", metric: "signup" }] };
    const refused = await world.request("POST", path, other, { headers });
    expect(await codeOf(refused)).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
    expect(await world.ok("GET", `/experiments/${id}/ingestion`)).toMatchObject({
      conversions_total: 1,
      without_key: 1,
    });
  });

  it("times ahead are now, times of the past stay; bots stand apart", async () => {
    const id = await world.experiment();
    const ahead = new Date(world.now() + 3_600_000).toISOString();
    await expose(id, [
      { user_id: "u1", variation_index: 0, occurred_at: ahead },
      { user_id: "u2", variation_index: 1, occurred_at: "2020-01-01T00:00:00+02:00" },
      { user_id: "u3", variation_index: 1, is_bot: true },
    ]);
    const found = await results(id);
    expect(found.timeseries.map(({ day }) => day)).toEqual([
      "2019-12-31",
      new Date(world.now()).toISOString().slice(0, 10),
    ]);
    expect(found.health.bots).toBe(1);
    expect(found.metrics[0]?.arms.map(({ n }) => n)).toEqual([1, 1]);
    expect((await results(id, "?include_bots=true")).metrics[0]?.arms[1]?.n).toBe(2);
  });

  it("an erased user is gone, and what is late of them dies", async () => {
    const id = await world.experiment();
    await expose(id, people(3, 0));
    const key = userKey(sha256, world.project.id, "user", "u1");
    const { removed } = await world.archive.erase(world.project.id, key, world.now());
    expect(removed.experiments).toBe(1);
    expect(await expose(id, people(3, 0))).toEqual([
      { received: 3, recorded: 0, deduplicated: 2, flipped: 0, erased: 1 },
    ]);
  });
});
