import { SCORERS, type LearnerItem } from "@signalpath/domain";
import { describe, expect, it } from "vitest";

import { ModelError } from "../../errors.ts";
import { createRandom } from "../../evaluation/random.ts";
import { contentLtr, RANKER_FEATURES } from "./content-ltr.ts";

const itemWith = (values: Partial<Record<string, number>>, static_score = 0): LearnerItem => ({
  item_id: "i",
  static_score,
  values: SCORERS.map((scorer) => values[scorer] ?? 0),
});
const IDS = {
  model_id: 1,
  project_id: 1,
  version: 1,
  created_at: "2026-06-12T12:00:00.000Z",
  data_digest: "ab".repeat(32),
  rows: 1,
  metrics: {},
};
const decode = ({ metadata, tensors }: ReturnType<typeof contentLtr.fromTreesText>) =>
  contentLtr.decode({ metadata: { ...IDS, ...metadata }, tensors });
/** One split on one feature. */
const trees = (feature: string, objective = "lambdarank") =>
  `tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\n` +
  `objective=${objective}\nfeature_names=${feature}\n\nTree=0\nnum_leaves=2\nnum_cat=0\n` +
  `split_feature=0\nthreshold=0.5\ndecision_type=2\nleft_child=-1\nright_child=-2\n` +
  `leaf_value=-2 2\n\nend of trees\n`;

describe("content-ltr", () => {
  it("trains a logistic ranker that looks at what rewards hang on", () => {
    const random = createRandom(5, "learning");
    const at = RANKER_FEATURES.indexOf("quality");
    const examples = Array.from({ length: 3_000 }, () => {
      const x = RANKER_FEATURES.map(() => random());
      return { x, label: random() < x[at]! };
    });
    const ranker = decode(contentLtr.train(examples));
    expect(ranker).toMatchObject({ form: "logistic", features: RANKER_FEATURES });
    const gain = ranker.score(itemWith({ quality: 1 })) - ranker.score(itemWith({}));
    expect(gain).toBeGreaterThan(0.3);
    expect(ranker.score(itemWith({ trend: 1 })) - ranker.score(itemWith({}))).toBeLessThan(
      gain / 2,
    );
  });

  it.each(["quality", "static_score"])("scores trees over %s by name", (name) => {
    const ranker = decode(contentLtr.fromTreesText(trees(name)));
    const high = name === "quality" ? itemWith({ quality: 0.9 }) : itemWith({}, 0.9);
    expect(ranker.score(high)).toBeGreaterThan(0.85);
    expect(ranker.score(itemWith({}))).toBeLessThan(0.15);
  });

  it("orders what a regression scores below 0, and stays above 0", () => {
    const text = trees("quality", "regression").replace("leaf_value=-2 2", "leaf_value=-2 -1");
    const ranker = decode(contentLtr.fromTreesText(text));
    const [low, high] = [ranker.score(itemWith({})), ranker.score(itemWith({ quality: 0.9 }))];
    expect([low, high]).toEqual([Math.exp(-2), Math.exp(-1)]);
    const positive = decode(contentLtr.fromTreesText(trees("quality", "regression")));
    expect(positive.score(itemWith({ quality: 0.9 }))).toBe(3);
  });

  it("refuses weights that are no numbers", () => {
    const { metadata, tensors } = contentLtr.train([]);
    const weights = {
      shape: [RANKER_FEATURES.length],
      data: new Float64Array(RANKER_FEATURES.length).fill(Number.NaN),
    };
    expect(() =>
      decode({ metadata, tensors: new Map([...tensors, ["weights", weights]]) }),
    ).toThrow(/no number/);
  });

  it("refuses features nobody has, texts that are no trees, and tensors that do not fit", () => {
    expect(() => contentLtr.fromTreesText(trees("charm"))).toThrow(
      /feature charm: one of semantic/,
    );
    expect(() => contentLtr.fromTreesText("import pickle")).toThrow(ModelError);
    const { metadata, tensors } = contentLtr.train([]);
    for (const name of tensors.keys()) {
      const without = new Map([...tensors].filter(([own]) => own !== name));
      expect(() => decode({ metadata, tensors: without })).toThrow(ModelError);
    }
    const strange = { kind: "content-ltr", hyperparameters: { form: "neural" } };
    expect(() => decode({ metadata: strange, tensors })).toThrow(/form is one of/);
  });
});
