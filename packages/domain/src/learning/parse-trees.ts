import { missingKind, type Tree, type TreeEnsemble } from "./trees.ts";

/** What is wrong with a text model, and where. */
export class TreesTextError extends Error {
  override name = "TreesTextError";
}

/** Most trees, leaves of one tree, and characters that are read. */
const MAX_TREES = 10_000;
const MAX_LEAVES = 4_096;
const MAX_CHARACTERS = 64 * 2 ** 20;
/** Largest leaf, so that sums of leaves are finite. */
const MAX_LEAF = 1e9;

/** Objectives by what is done with the sum of leaves. Ranking scores are only compared. */
const TRANSFORMS: Readonly<Record<string, TreeEnsemble["transform"]>> = {
  binary: "sigmoid",
  lambdarank: "sigmoid",
  rank_xendcg: "sigmoid",
  regression: "none",
};

type Fields = ReadonlyMap<string, string>;

/**
 * Reads LightGBM's text model format (`Booster.save_model`), versions v3 and v4: numerical splits,
 * one class. Categorical splits, linear trees, several classes, averaged forests and options of an
 * objective that are not known here are refused rather than read wrongly.
 * @throws TreesTextError
 */
export function parseTreesText(text: string): TreeEnsemble {
  if (text.length > MAX_CHARACTERS) fail("the text is too long");
  const [head = "", ...blocks] = text.split(/^Tree=/m);
  const header = fieldsOf(head, "header");
  if (!/^tree\s/.test(head)) fail("it does not begin with `tree`: no LightGBM text model");
  const version = header.get("version");
  if (version !== "v3" && version !== "v4")
    fail(`version ${version ?? "missing"}: v3 and v4 are read`);
  if (header.get("num_class") !== "1") fail("num_class must be 1");
  if (header.get("num_tree_per_iteration") !== "1") fail("num_tree_per_iteration must be 1");
  if (/^average_output\s*$/m.test(head)) fail("averaged forests are not read");
  const { transform, steepness } = objectiveOf(header.get("objective"));
  const featureNames = (header.get("feature_names") ?? "").split(" ").filter((name) => name !== "");
  if (featureNames.length === 0) fail("feature_names is missing");
  if (new Set(featureNames).size !== featureNames.length) fail("a feature is named twice");
  if (header.get("max_feature_idx") !== String(featureNames.length - 1)) {
    fail("max_feature_idx does not fit feature_names");
  }
  if (blocks.length === 0 || blocks.length > MAX_TREES) fail(`1 to ${MAX_TREES} trees are read`);
  if (!/^end of trees\s*$/m.test(blocks.at(-1) ?? "")) fail("`end of trees` is missing: cut off?");
  const trees = blocks.map((block, place) => treeOf(block, place, featureNames.length));
  return { featureNames, trees, transform, steepness };
}

function fail(what: string): never {
  throw new TreesTextError(what);
}

function fieldsOf(block: string, where: string): Fields {
  const fields = new Map<string, string>();
  for (const line of block.split(/\r?\n/)) {
    const at = line.indexOf("=");
    if (at <= 0) continue;
    const name = line.slice(0, at);
    if (fields.has(name)) fail(`${where}: ${name} stands twice`);
    fields.set(name, line.slice(at + 1).trim());
  }
  return fields;
}

function objectiveOf(text = ""): Pick<TreeEnsemble, "transform" | "steepness"> {
  const [name = "", ...options] = text.split(" ");
  const transform = Object.hasOwn(TRANSFORMS, name) ? TRANSFORMS[name] : undefined;
  if (transform === undefined) {
    return fail(`objective ${name || "missing"}: ${Object.keys(TRANSFORMS).join(", ")} are read`);
  }
  const known = name === "binary" ? options.filter((one) => one.startsWith("sigmoid:")) : [];
  // `regression sqrt` squares the sum of leaves: an option is refused unless it is known here.
  const strange = options.find((option) => option !== "" && !known.includes(option));
  if (strange !== undefined) fail(`objective ${name}: option ${strange.slice(0, 40)} is not read`);
  const told = known[0]?.slice("sigmoid:".length);
  const steepness = told === undefined ? 1 : Number(told);
  if (!(steepness > 0) || !Number.isFinite(steepness)) fail("sigmoid must be above 0");
  return { transform, steepness };
}

function treeOf(block: string, place: number, features: number): Tree {
  const where = `tree ${place}`;
  const [number = "", ...rest] = (block.split(/^end of trees/m)[0] as string).split("\n");
  if (number.trim() !== String(place)) fail(`${where}: found number ${number.trim().slice(0, 20)}`);
  const fields = fieldsOf(rest.join("\n"), where);
  if (fields.get("num_cat") !== "0") fail(`${where}: categorical splits are not read`);
  if ((fields.get("is_linear") ?? "0") !== "0") fail(`${where}: linear trees are not read`);
  const leaves = Number(fields.get("num_leaves"));
  if (!Number.isInteger(leaves) || leaves < 1 || leaves > MAX_LEAVES) {
    fail(`${where}: num_leaves must be 1 to ${MAX_LEAVES}`);
  }
  const nodes = leaves - 1;
  const read = (name: string, length: number): number[] => numbersOf(fields, name, length, where);
  const whole = (name: string, from: number, to: number): Int32Array => {
    const values = read(name, nodes);
    if (values.some((value) => !Number.isInteger(value) || value < from || value > to)) {
      fail(`${where}: ${name} has a value outside ${from}..${to}`);
    }
    return Int32Array.from(values);
  };
  const decisions = whole("decision_type", 0, 255);
  if (decisions.some((bits) => (bits & 1) === 1)) fail(`${where}: a split is categorical`);
  const tree: Tree = {
    feature: whole("split_feature", 0, features - 1),
    threshold: Float64Array.from(numbersOf(fields, "threshold", nodes, where, INFINITE)),
    defaultLeft: Array.from(decisions, (bits) => (bits & 2) === 2),
    missing: Array.from(
      decisions,
      (bits) => missingKind((bits >> 2) & 3) ?? fail(`${where}: unknown kind of missing value`),
    ),
    left: whole("left_child", -leaves, nodes - 1),
    right: whole("right_child", -leaves, nodes - 1),
    leaf: Float64Array.from(read("leaf_value", leaves)),
  };
  if (tree.leaf.some((value) => Math.abs(value) > MAX_LEAF)) {
    fail(`${where}: leaf_value has a value beyond ${MAX_LEAF}`);
  }
  assertTree(tree, where);
  return tree;
}

/** Of a split that parts what is missing from every number. */
const INFINITE: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
};

/** @param words spellings of values that are no finite number, where they may stand. */
function numbersOf(
  fields: Fields,
  name: string,
  length: number,
  where: string,
  words: Readonly<Record<string, number>> = {},
): number[] {
  const text = fields.get(name) ?? "";
  const parts = text === "" ? [] : text.split(" ");
  if (parts.length !== length) fail(`${where}: ${name} has ${parts.length} values, not ${length}`);
  return parts.map((part) => {
    if (Object.hasOwn(words, part)) return words[part]!;
    const value = Number(part);
    if (part === "" || !Number.isFinite(value))
      fail(`${where}: ${name} has a value that is no number`);
    return value;
  });
}

/** Every node and every leaf has one parent: no circle, nothing out of reach. */
function assertTree({ left, right, leaf }: Tree, where: string): void {
  const nodes = left.length;
  const met = new Uint8Array(nodes + leaf.length);
  const open = nodes === 0 ? [] : [0];
  let reached = open.length;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const child of [left[node]!, right[node]!]) {
      const at = child >= 0 ? child : nodes - child - 1;
      if (child === 0 || met[at] === 1) fail(`${where}: a node is reached twice`);
      met[at] = 1;
      reached++;
      if (child >= 0) open.push(child);
    }
  }
  if (nodes > 0 && reached !== nodes + leaf.length) fail(`${where}: a node is out of reach`);
}
