import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseTreesText, TreesTextError } from "./parse-trees.ts";
import { sigmoid } from "./ftrl.ts";
import { scoreTrees } from "./trees.ts";

const HEADER = [
  "tree",
  "version=v4",
  "num_class=1",
  "num_tree_per_iteration=1",
  "label_index=0",
  "max_feature_idx=2",
  "objective=binary sigmoid:1",
  "feature_names=semantic quality trend",
  "feature_infos=[0:1] [0:1] [0:1]",
  "tree_sizes=411 200",
];
/** quality <= 0.5 ? (semantic <= 0.25 ? -1 : 0.5) : 1.5; a missing quality goes right. */
const FIRST = [
  "Tree=0",
  "num_leaves=3",
  "num_cat=0",
  "split_feature=1 0",
  "split_gain=10 5",
  "threshold=0.5 0.25",
  "decision_type=8 10",
  "left_child=1 -1",
  "right_child=-2 -3",
  "leaf_value=-1 1.5 0.5",
  "leaf_weight=1 1 1",
  "leaf_count=10 10 10",
  "internal_value=0 0",
  "is_linear=0",
  "shrinkage=0.1",
];
const SECOND = ["Tree=1", "num_leaves=1", "num_cat=0", "leaf_value=0.25", "shrinkage=1"];
const TAIL = [
  "end of trees",
  "",
  "feature_importances:",
  "quality=1",
  "",
  "parameters:",
  "[boosting: gbdt]",
  "end of parameters",
  "",
];

function text(change: (lines: string[]) => string[] = (lines) => lines): string {
  return change([...HEADER, "", ...FIRST, "", "", ...SECOND, "", "", ...TAIL]).join("\n");
}
const replaced = (from: string, to: string) =>
  text((lines) => lines.map((line) => (line === from ? to : line)));

describe("trees in LightGBM's text format", () => {
  it.each([
    [[0.1, 0.2, 0], -1 + 0.25],
    [[0.25, 0.5, 0], -1 + 0.25],
    [[0.3, 0.5, 0], 0.5 + 0.25],
    [[0.3, 0.51, 0], 1.5 + 0.25],
    [[0.3, Number.NaN, 0], 1.5 + 0.25],
    [[Number.NaN, 0.2, 0], -1 + 0.25],
  ])("score %j as the leaves it falls into", (x, sum) => {
    expect(scoreTrees(parseTreesText(text()), x)).toBeCloseTo(sigmoid(sum), 12);
    const regression = parseTreesText(
      replaced("objective=binary sigmoid:1", "objective=regression"),
    );
    expect(scoreTrees(regression, x)).toBeCloseTo(sum, 12);
  });

  it.each([
    ["tree", "pickle", "does not begin"],
    ["version=v4", "version=v9", "version v9"],
    ["num_class=1", "num_class=3", "num_class"],
    ["objective=binary sigmoid:1", "objective=poisson", "objective poisson"],
    ["objective=binary sigmoid:1", "objective=binary sigmoid:-1", "sigmoid"],
    ["objective=binary sigmoid:1", "objective=regression sqrt", "option sqrt"],
    ["objective=binary sigmoid:1", "objective=lambdarank sigmoid:2", "option sigmoid:2"],
    ["leaf_value=-1 1.5 0.5", "leaf_value=-1 1e308 0.5", "beyond"],
    ["feature_names=semantic quality trend", "feature_names=a a b", "named twice"],
    ["max_feature_idx=2", "max_feature_idx=1", "max_feature_idx"],
    ["Tree=0", "Tree=5", "found number 5"],
    ["num_cat=0", "num_cat=1", "categorical"],
    ["is_linear=0", "is_linear=1", "linear"],
    ["num_leaves=3", "num_leaves=4", "values, not"],
    ["num_leaves=3", "num_leaves=1e9", "num_leaves"],
    ["split_feature=1 0", "split_feature=1 3", "outside 0..2"],
    ["threshold=0.5 0.25", "threshold=0.5 x", "no number"],
    ["threshold=0.5 0.25", "threshold=0.5 nan", "no number"],
    ["leaf_value=-1 1.5 0.5", "leaf_value=-1 inf 0.5", "no number"],
    ["threshold=0.5 0.25", "threshold=0.5", "has 1 values, not 2"],
    ["decision_type=8 10", "decision_type=9 10", "categorical"],
    ["decision_type=8 10", "decision_type=12 10", "missing value"],
    ["left_child=1 -1", "left_child=0 -1", "reached twice"],
    ["left_child=1 -1", "left_child=1 1", "reached twice"],
    ["right_child=-2 -3", "right_child=-2 -2", "reached twice"],
    ["end of trees", "", "cut off"],
  ])("with %j as %j are refused: %s", (from, to, why) => {
    expect(() => parseTreesText(replaced(from, to))).toThrow(TreesTextError);
    expect(() => parseTreesText(replaced(from, to))).toThrow(why);
  });

  it.each([
    // decision_type: 2 = a missing value goes left, 4 = zero is missing, 8 = NaN is missing.
    [0, -1e-36, "left"],
    [0, Number.NaN, "left"],
    [0, 0.6, "right"],
    [2, Number.NaN, "left"],
    [4, 0, "right"],
    [4, 1e-36, "right"],
    [4, Number.NaN, "right"],
    [4, 0.1, "left"],
    [6, 0, "left"],
    [8, Number.NaN, "right"],
    [8, 0, "left"],
    [10, Number.NaN, "left"],
  ])("decision_type %d sends %d to the %s", (type, value, side) => {
    const split = ["Tree=0", "num_leaves=2", "num_cat=0", "split_feature=0", "threshold=0.5"];
    const rest = [`decision_type=${type}`, "left_child=-1", "right_child=-2", "leaf_value=-3 3"];
    const given = [...HEADER, "", ...split, ...rest, "", ...TAIL].join("\n");
    const sum = side === "left" ? -3 : 3;
    expect(scoreTrees(parseTreesText(given), [value, 0, 0])).toBeCloseTo(sigmoid(sum), 12);
  });

  it.each([
    ["inf", 1e300, "left"],
    ["inf", Number.NaN, "right"],
    ["-inf", -1e300, "right"],
  ])("a threshold of %s parts numbers from what is missing: %d goes %s", (threshold, x, side) => {
    const split = ["Tree=0", "num_leaves=2", "num_cat=0", "split_feature=0"];
    const rest = ["decision_type=8", "left_child=-1", "right_child=-2", "leaf_value=-3 3"];
    const lines = [...HEADER, "", ...split, `threshold=${threshold}`, ...rest, "", ...TAIL];
    const sum = side === "left" ? -3 : 3;
    const trees = parseTreesText(lines.join("\n"));
    expect(scoreTrees(trees, [x, 0, 0])).toBeCloseTo(sigmoid(sum), 12);
  });

  it("cut, changed or shuffled are refused or score as a finite number, and end", () => {
    const whole = text();
    const anyChange = fc.record({
      at: fc.nat(whole.length),
      remove: fc.nat(40),
      put: fc.oneof(
        fc.string({ maxLength: 8 }),
        fc.constantFrom("-1", "0", "1e308", "Tree=", "\n"),
      ),
    });
    fc.assert(
      fc.property(fc.array(anyChange, { minLength: 1, maxLength: 3 }), (changes) => {
        let given = whole;
        for (const { at, remove, put } of changes) {
          given = given.slice(0, at) + put + given.slice(at + remove);
        }
        try {
          const trees = parseTreesText(given);
          const x = trees.featureNames.map(() => 0.4);
          expect(scoreTrees(trees, x)).toSatisfy(Number.isFinite);
        } catch (error) {
          expect(error).toBeInstanceOf(TreesTextError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
