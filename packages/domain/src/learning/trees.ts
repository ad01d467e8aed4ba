import { sigmoid } from "./ftrl.ts";

/** Of which a split says where to go when a value is missing. */
const MISSING = ["none", "zero", "nan"] as const;
type Missing = (typeof MISSING)[number];

/** One tree: inner nodes by number; a child below 0 is the leaf `-child - 1`. */
export interface Tree {
  feature: Int32Array;
  threshold: Float64Array;
  /** Whether a missing value goes left. */
  defaultLeft: readonly boolean[];
  missing: readonly Missing[];
  left: Int32Array;
  right: Int32Array;
  leaf: Float64Array;
}

/** Trees whose leaves add up. */
export interface TreeEnsemble {
  featureNames: readonly string[];
  trees: readonly Tree[];
  /** From the sum of leaves to the score. */
  transform: "none" | "sigmoid";
  /** Factor of the sum in the sigmoid. */
  steepness: number;
}

/** LightGBM takes what is nearer to 0 as 0. */
const ZERO = 1e-35;

/**
 * Score of one row by an ensemble as LightGBM reckons it.
 * @param x values in the order of `featureNames`; NaN = missing.
 */
export function scoreTrees(
  { trees, transform, steepness }: TreeEnsemble,
  x: ArrayLike<number>,
): number {
  let sum = 0;
  for (const tree of trees) sum += leafOf(tree, x);
  return transform === "sigmoid" ? sigmoid(steepness * sum) : sum;
}

function leafOf(tree: Tree, x: ArrayLike<number>): number {
  if (tree.feature.length === 0) return tree.leaf[0]!;
  let node = 0;
  while (node >= 0) {
    const goesLeft = isLeft(tree, node, x[tree.feature[node]!]!);
    node = goesLeft ? tree.left[node]! : tree.right[node]!;
  }
  return tree.leaf[-node - 1]!;
}

function isLeft({ missing, defaultLeft, threshold }: Tree, node: number, given: number): boolean {
  const kind = missing[node]!;
  if (kind === "nan" && Number.isNaN(given)) return defaultLeft[node]!;
  const value = Number.isNaN(given) ? 0 : given;
  if (kind === "zero" && Math.abs(value) <= ZERO) return defaultLeft[node]!;
  return value <= threshold[node]!;
}

/** A kind of missing value by its number in a model file. */
export function missingKind(code: number): Missing | undefined {
  return MISSING[code];
}
