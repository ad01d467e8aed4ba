import { stringAt, stringCount } from "@signalpath/contracts";
import { describe, expect, it } from "vitest";

import { buildInteractions } from "./interactions/build.ts";
import type { Model, TrainProgress } from "./kind/types.ts";
import { modelKinds } from "./registry.ts";
import { seeded, tasteRows } from "./testing/sample.ts";

const rows = tasteRows(60, 50, 0.2, seeded(11));
const interactions = buildInteractions(rows);
const parametersOf: Record<string, object> = {
  "item-knn": { shrink: 2, neighbours: 20 },
  ease: { lambda: 5 },
  ials: { factors: 6, epochs: 3 },
  blend: { ease: { lambda: 5 }, ials: { factors: 6, epochs: 3 } },
};
/** All numbers of a model, and its ids. */
const bits = (name: string, model: Model) => modelKinds[name]!.encode(model).tensors;

it("the registry names every kind by its own name", () => {
  expect(Object.keys(modelKinds).sort()).toEqual([
    "blend",
    "ease",
    "ials",
    "item-knn",
    "popular",
    "rp3beta",
  ]);
  for (const [name, kind] of Object.entries(modelKinds)) expect(kind.name).toBe(name);
});

describe.each(Object.keys(modelKinds))("kind %s", (name) => {
  const kind = modelKinds[name]!;
  const parameters = parametersOf[name] ?? {};
  const train = (given = interactions, options = {}) =>
    kind.train(given, parameters, { random: seeded(3), ...options });
  const query = { user: "u5" };

  it("gives the same bits for the same seed, any order of rows and any number of threads", async () => {
    const first = bits(name, await train());
    const shuffled = rows.toReversed();
    expect(bits(name, await train(buildInteractions(shuffled)))).toEqual(first);
    expect(bits(name, await train(interactions, { workers: 2 }))).toEqual(first);
  });

  it.skipIf(name === "ials" || name === "blend")(
    "does not care what users are called",
    async () => {
      const renamed = rows.map((row) => ({
        ...row,
        user_id: `x${1_000 - Number(row.user_id.slice(1))}`,
      }));
      const seeds = { seedItems: ["i1", "i9", "i30"] };
      const expected = kind.scoreAll(await train(), seeds);
      kind
        .scoreAll(await train(buildInteractions(renamed)), seeds)
        .forEach((score, item) => expect(score || 0).toBeCloseTo(expected[item]! || 0, 4));
    },
  );

  it("comes back from its tensors as it was", async () => {
    const model = await train();
    const encoded = kind.encode(model);
    const again = kind.decode({
      metadata: JSON.parse(JSON.stringify(encoded.metadata)),
      tensors: encoded.tensors,
    });
    expect(again).toEqual(model);
    expect(kind.score(again, query, { k: 10 })).toEqual(kind.score(model, query, { k: 10 }));
    for (const { shape, data } of encoded.tensors.values()) {
      expect(shape.reduce((product, size) => product * size, 1)).toBe(data.length);
    }
  });

  it("refuses tensors that do not fit", async () => {
    const encoded = kind.encode(await train());
    for (const missing of encoded.tensors.keys()) {
      const tensors = new Map(encoded.tensors);
      tensors.delete(missing);
      expect(() => kind.decode({ ...encoded, tensors }), missing).toThrow(
        expect.objectContaining({ code: "TENSORS_INVALID" }),
      );
      const { shape, data } = encoded.tensors.get(missing)!;
      // One number (blend.weight) cut to nothing is no number either.
      tensors.set(missing, { shape: [Math.max(0, data.length - 1)], data: data.slice(1) });
      expect(() => kind.decode({ ...encoded, tensors }), `${missing} [${shape.join()}]`).toThrow(
        expect.objectContaining({ code: "TENSORS_INVALID" }),
      );
    }
  });

  it("lists finite scores, best first, ties by item id, without what is excluded or seen", async () => {
    const model = await train();
    const own = new Set(rows.filter((row) => row.user_id === "u5").map((row) => row.item_id));
    const all = kind.score(model, query, { k: 1_000 });
    expect(all.length).toBeGreaterThan(10);
    all.forEach(({ item_id, score }, at) => {
      expect(Number.isFinite(score)).toBe(true);
      expect(own.has(item_id)).toBe(false);
      const before = all[at - 1];
      if (before === undefined) return;
      expect(before.score).toBeGreaterThanOrEqual(score);
      if (before.score === score) expect(before.item_id < item_id).toBe(true);
    });
    const [best] = all;
    expect(kind.score(model, query, { k: 3 })).toEqual(all.slice(0, 3));
    expect(kind.score(model, query, { k: 3, exclude: [best!.item_id, "unknown"] })).toEqual(
      all.slice(1, 4),
    );
    const seen = kind.score(model, query, { k: 1_000, includeSeen: true });
    expect(seen.length).toBeGreaterThan(all.length);
  });

  it("scores seeds in any order, and relates items without the seeds", async () => {
    const model = await train();
    const seeds = ["i1", "i9", "i30"];
    const list = kind.score(model, { seedItems: seeds }, { k: 10 });
    expect(list).toHaveLength(10);
    expect(
      kind.score(model, { seedItems: [...seeds.toReversed(), "i9", "unknown"] }, { k: 10 }),
    ).toEqual(list);
    const ids = Array.from({ length: stringCount(model.items) }, (_, row) =>
      stringAt(model.items, row),
    );
    const seedRows = [...seeds.map((id) => ids.indexOf(id)), -1, ids.length];
    expect(kind.score(model, { seedRows }, { k: 10 })).toEqual(list);
    const related = kind.related(model, ["i1"], { k: 5 });
    expect(related).toHaveLength(5);
    expect(related.map((one) => one.item_id)).not.toContain("i1");
  });

  it("explains: contributions and base sum to the score that is listed", async () => {
    const model = await train();
    const own = new Set(rows.filter((row) => row.user_id === "u5").map((row) => row.item_id));
    for (const { item_id, score } of kind.score(model, query, { k: 5 })) {
      const explained = kind.explain(model, query, item_id);
      expect(explained.score).toBe(score);
      const sum = explained.contributions.reduce((total, one) => total + one.contribution, 0);
      expect(explained.base + sum).toBeCloseTo(score, 9);
      for (const one of explained.contributions) expect(own.has(one.item_id)).toBe(true);
    }
  });

  it("says by code what it does not know", async () => {
    const model = await train();
    const code = (expected: string) => expect.objectContaining({ code: expected });
    expect(() => kind.score(model, { user: "nobody" }, { k: 1 })).toThrow(code("UNKNOWN_USER"));
    expect(() => kind.explain(model, query, "nothing")).toThrow(code("UNKNOWN_ITEM"));
    expect(() => kind.score(model, query, { k: 0 })).toThrow(code("PARAMETERS_INVALID"));
    expect(() => kind.score(model, { seedItems: ["i1"], weights: [0] }, { k: 1 })).toThrow(
      code("PARAMETERS_INVALID"),
    );
    const unknown = () => kind.related(model, ["nothing"], { k: 1 });
    if (name === "popular") expect(unknown()).toHaveLength(1);
    else expect(unknown).toThrow(code("UNKNOWN_SEEDS"));
  });

  it("refuses what it cannot train, before it allocates", async () => {
    await expect(train(buildInteractions([]))).rejects.toMatchObject({
      code: "INTERACTIONS_INVALID",
    });
    await expect(train(interactions, { memoryLimitBytes: 100 })).rejects.toMatchObject({
      code: "MODEL_TOO_LARGE",
    });
    const random = seeded(1);
    for (const wrong of [{ nonsense: 1 }, { weight: 2 }, { constructor: 1 }]) {
      expect(() => kind.estimateBytes({ users: 1, items: 1, entries: 1 }, wrong)).toThrow(
        expect.objectContaining({ code: "PARAMETERS_INVALID" }),
      );
      await expect(async () => kind.train(interactions, wrong, { random })).rejects.toMatchObject({
        code: "PARAMETERS_INVALID",
      });
    }
  });

  it("tells its progress, and stops when aborted", async () => {
    const heard: TrainProgress[] = [];
    await train(interactions, { onProgress: (progress: TrainProgress) => heard.push(progress) });
    expect(heard.at(-1)?.fraction).toBe(1);
    expect(heard.every(({ fraction }) => fraction > 0 && fraction <= 1)).toBe(true);
    await expect(
      train(interactions, { signal: AbortSignal.abort(new Error("not now")) }),
    ).rejects.toThrow("not now");
  });

  it.skipIf(name === "popular")("stops in the middle, and leaves no thread", async () => {
    const stop = new AbortController();
    const heard: string[] = [];
    const onProgress = ({ stage }: TrainProgress) => {
      heard.push(stage);
      stop.abort(new Error("enough"));
    };
    await expect(
      train(interactions, { signal: stop.signal, onProgress, workers: 1 }),
    ).rejects.toThrow("enough");
    expect(heard.length).toBeGreaterThan(0);
  });
});

it("every item of a model can be found by its id", async () => {
  const model = await modelKinds["popular"]!.train(interactions, {}, { random: seeded(1) });
  const list = modelKinds["popular"]!.score(model, { seedItems: [] }, { k: 1_000 });
  const ids = Array.from({ length: model.items.offsets.length - 1 }, (_, at) =>
    stringAt(model.items, at),
  );
  expect(new Set(list.map((one) => one.item_id))).toEqual(new Set(ids));
});
