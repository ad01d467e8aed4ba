import {
  buildInteractions,
  createRandom,
  compareLive,
  decayInteractions,
  divide,
  fit,
  modelKinds,
  recommendBy,
  recommendFrom,
  search,
  trialsOf,
  type Scores,
} from "@signalpath/models";
import { describe, expect, it } from "vitest";

import { DAY, spec, tasteRows } from "../test-world.ts";
import { createCollector, digestOf } from "./collect.ts";
import { train } from "./training.ts";

const interactions = buildInteractions(tasteRows(60, 40));
const limits = { threads: 1, memoryLimitBytes: 2 ** 30 };
const options = { seed: 1, ...limits };
const silent = { progress: () => {}, log: () => {}, now: () => 0 };
const job = (rest: Parameters<typeof spec>[0] = {}, more = {}) => ({
  spec: spec(rest),
  ...limits,
  checkpoint: null,
  ...more,
});
const code = (expected: string) => expect.objectContaining({ code: expected });

describe("trials", () => {
  it("begin with each kind as given, draw the rest by seed, and every one can be fitted", async () => {
    const wish = spec({ kind: "auto", tune: { trials: 40 }, seed: 9 });
    const trials = trialsOf(wish, { timed: true });
    expect(trials).toHaveLength(40);
    expect(trials.slice(0, 6).every(({ parameters }) => Object.keys(parameters).length === 0)).toBe(
      true,
    );
    // Then the same with weights that fade, but for the popular list.
    expect(trials.slice(6, 11).map(({ parameters }) => parameters)).toEqual(
      Array.from({ length: 5 }, () => ({ half_life_items: 5 })),
    );
    expect(trials[11]).toEqual({ kind: "ials", parameters: { factors: 128 } });
    expect(trialsOf({ ...wish, tune: { trials: 7 } }, { timed: true })).toEqual(trials.slice(0, 7));
    expect(trialsOf(wish, { timed: true })).toEqual(trials);
    expect(trialsOf({ ...wish, seed: 10 }, { timed: true })).not.toEqual(trials);
    const size = { users: 9, items: 9, entries: 30 };
    for (const { kind, parameters } of trials) {
      const { half_life_items: _, ...own } = parameters;
      expect(modelKinds[kind]!.estimateBytes(size, own)).toBeGreaterThan(0);
    }
  });

  it("keep what is given, and refuse what they do not know", () => {
    const given = spec({ kind: "ease", parameters: { lambda: 7 }, tune: { trials: 9 } });
    for (const { parameters } of trialsOf(given, { timed: false })) {
      expect(parameters["lambda"]).toBe(7);
      expect(parameters).not.toHaveProperty("half_life_items");
    }
    const auto = (parameters: object) => () =>
      trialsOf(spec({ kind: "auto", parameters: parameters as never }), { timed: true });
    expect(auto({ lambda: 1 })).toThrow(code("PARAMETERS_INVALID"));
    expect(auto({ kinds: [] })).toThrow(code("PARAMETERS_INVALID"));
    expect(auto({ kinds: ["constructor"] })).toThrow(code("KIND_UNKNOWN"));
  });
});

describe("search", () => {
  const parts = divide(interactions, "leave-last-n", 2);
  const candidates = trialsOf(
    spec({ kind: "auto", parameters: { kinds: ["popular", "item-knn"] }, tune: { trials: 6 } }),
    { timed: true },
  );
  const run = (known: Scores = {}, hooks = {}, tune = { trials: 6 } as object) =>
    search(
      candidates,
      parts,
      { ...options, tune: tune as never, known },
      { onScore: () => {}, log: () => {}, now: () => 0, ...hooks },
    );

  it("picks the best score and never computes again what is known", async () => {
    let last: Scores = {};
    const { best, report } = await run(
      {},
      { onScore: (_: number, all: object) => (last = all as never) },
    );
    const top = Math.max(...report.trials.map((trial) => trial["ndcg@20"]));
    expect(report.trials.find((trial) => trial["ndcg@20"] === top)).toMatchObject(best);
    const [popular] = report.trials.filter(({ kind }) => kind === "popular");
    expect(top).toBeGreaterThan(popular!["ndcg@20"]);
    // Known scores are believed: the worst wins when they say so.
    const rigged = { ...last, "0/0": 2 };
    expect((await run(rigged)).best).toEqual(candidates[0]);
    expect((await run(last)).report).toEqual(report);
  });

  it("ends in time with at least one answer", async () => {
    let clock = 0;
    const { best, report } = await run(
      {},
      { now: () => (clock += 1_000) },
      { trials: 6, seconds: 1 },
    );
    expect(report).toMatchObject({ asked: 6, cut_short: true });
    expect(best).toEqual(candidates[0]);
  });

  it("leaves out what is too large, and fails when all is", async () => {
    const tight = { ...options, memoryLimitBytes: 1_000, tune: null, known: {} };
    const hooks = { onScore: () => {}, log: () => {}, now: () => 0 };
    const { best } = await search(candidates, parts, tight, hooks);
    expect(best.kind).toBe("popular");
    const none = search(candidates, parts, { ...tight, memoryLimitBytes: 1 }, hooks);
    await expect(none).rejects.toMatchObject({ code: "MODEL_TOO_LARGE" });
  });
});

describe("training", () => {
  it("fits what is stored on everything, and judges it on what it did not see", async () => {
    const { outcome, fitted } = await train(interactions, job({ kind: "popular" }), silent);
    const whole = await modelKinds["popular"]!.train(interactions, {}, { random: Math.random });
    expect(fitted.model.core).toEqual(whole.core);
    expect(outcome).toMatchObject({
      kind: "popular",
      users: 60,
      items: 40,
      digest: digestOf(interactions),
      evaluation: { split: { test_users: 60 } },
    });
    // Against itself a baseline is a tie.
    expect(outcome.evaluation?.baselines["popular"]?.difference).toEqual({
      mean: 0,
      interval: [0, 0],
    });
    expect(outcome.dataTo).toBeLessThanOrEqual(DAY);
  });

  it("reads nothing that is held out: other rows after the split change nothing before", async () => {
    const rows = tasteRows(60, 40);
    const { facts } = divide(buildInteractions(rows), "time", 1);
    expect(facts.used).toBe("time");
    const at = Date.parse(facts.split_at!);
    const before = rows.filter(({ time }) => time! < at);
    const others = rows.map((row, n) => (row.time! < at ? row : { ...row, item_id: `new ${n}` }));
    const changed = divide(buildInteractions(others), "time", 1);
    expect(digestOf(changed.train)).toBe(digestOf(buildInteractions(before)));
    // A search sees a part of that part, so its choice is the same whatever comes later.
    const auto = { kind: "auto", parameters: { kinds: ["popular", "item-knn"] }, split: "time" };
    const report = async (some: typeof rows) =>
      (await train(buildInteractions(some), job(auto as never), silent)).outcome.search;
    expect(await report(others)).toEqual(await report(rows));
  });

  it("fades weights only when asked, and records it", async () => {
    const plain = await fit({ kind: "item-knn", parameters: {} }, interactions, options);
    const candidate = { kind: "item-knn", parameters: { half_life_items: 5 } };
    const faded = await fit(candidate, interactions, options);
    expect(plain.parameters).not.toHaveProperty("half_life_items");
    expect(faded.parameters["half_life_items"]).toBe(5);
    const expected = decayInteractions(interactions, { half_life_items: 5, floor: 0.08 });
    expect(faded.model.history.values).toEqual(expected.matrix.values);
    await expect(
      fit({ kind: "item-knn", parameters: { half_life_items: -1 } }, interactions, options),
    ).rejects.toMatchObject({ code: "PARAMETERS_INVALID" });
  });

  it("has nothing to choose by where nobody has enough", async () => {
    const lone = buildInteractions([{ user_id: "a", item_id: "x", weight: 1, time: 1 }]);
    await expect(train(lone, job({ kind: "auto" }), silent)).rejects.toMatchObject({
      code: "TOO_LITTLE_DATA",
    });
    const { outcome } = await train(lone, job({ kind: "popular" }), silent);
    expect(outcome.evaluation).toBeUndefined();
  });
});

describe("the version that serves", () => {
  it("is asked with the training part alone, on rows neither saw where there are some", async () => {
    const { train: seen, tests } = divide(interactions, "leave-last-n", 1);
    const fitted = await fit({ kind: "item-knn", parameters: {} }, seen, options);
    const own = recommendBy(fitted);
    expect(tests.map(({ user }) => recommendFrom(fitted, seen)(user))).toEqual(
      tests.map(({ user }) => own(user)),
    );
    const { metadata, tensors } = fitted.kind.encode(fitted.model);
    const live = { version: 3, metadata: metadata as never, tensors };
    const ask = (dataTo?: number) =>
      compareLive(
        own,
        { ...live, ...(dataTo === undefined ? {} : { dataTo }) },
        { train: seen, tests },
        createRandom(1, "l"),
        () => {},
      );
    expect(ask()).toMatchObject({ version: 3, rows: "all", difference: { interval: [0, 0] } });
    const half = Float64Array.from(tests.flatMap(({ times }) => times!)).sort()[tests.length >> 1]!;
    const newer = ask(half);
    expect(newer).toMatchObject({ rows: "unseen" });
    expect(newer?.users).toBe(tests.filter(({ times }) => times!.some((t) => t > half)).length);
    const foreign = { ...live, metadata: { ...metadata, kind: "foreign" } as never };
    expect(
      compareLive(own, foreign, { train: seen, tests }, Math.random, () => {}),
    ).toBeUndefined();
  });
});

it("a device with the id of a user is not that user, whoever comes first", () => {
  const row = (user_id: string, item_id: string) => ({ user_id, item_id, weight: 1, time: 1 });
  const collected = (deviceFirst: boolean) => {
    const collector = createCollector(10);
    const steps = [
      () => collector.add([row("alice", "a")], false),
      () => collector.add([row("alice", "b"), row("bob", "c")], true),
    ];
    for (const step of deviceFirst ? steps.toReversed() : steps) step();
    return digestOf(collector.build());
  };
  expect(collected(true)).toBe(digestOf(buildInteractions([row("alice", "a"), row("bob", "c")])));
  expect(collected(false)).toBe(collected(true));
  const small = createCollector(1);
  expect(() => small.add([row("a", "a"), row("b", "b")], false)).toThrow(code("TOO_MANY_ROWS"));
});
