import type { ItemView } from "./item-view.ts";

/**
 * Vectors and tags of candidates side by side in memory. Every scorer reads them of all candidates:
 * read from the items one by one, most of the time is spent waiting for memory.
 */
export interface PoolRows {
  /** Cosine of every candidate's vector to a unit vector, cut to [0, 1]; 0 for one of another length. */
  cosines(unit: Float32Array): Float64Array;
  /** Sum of the weights of every candidate's tags, by tag number. */
  tagSums(weightOf: ReadonlyMap<number, number>): Float64Array;
  /** Cosine of the tag weights of the first `n` of these candidates to an item's, [0, 1]. */
  tagCosines(item: ItemView, candidates: Int32Array, n: number): Float64Array;
}

/** Rows of one pool: memory for as long as it is scored. */
export function createPoolRows(views: readonly ItemView[]): PoolRows {
  const blocks = new Map<number, Float32Array>();
  let tags: TagRows | undefined;
  return {
    cosines(unit) {
      let block = blocks.get(unit.length);
      if (block === undefined) blocks.set(unit.length, (block = unitRows(views, unit.length)));
      return cosinesOf(block, unit, views.length);
    },
    tagSums: (weightOf) => tagSumsOf((tags ??= tagRows(views)), weightOf),
    tagCosines: (item, candidates, n) =>
      tagCosinesOf((tags ??= tagRows(views)), item, candidates, n),
  };
}

/** n x length, zeros where there is no vector of this length. */
function unitRows(views: readonly ItemView[], length: number): Float32Array {
  const rows = new Float32Array(views.length * length);
  for (let at = 0; at < views.length; at++) {
    const { unit } = views[at]!;
    if (unit?.length === length) rows.set(unit, at * length);
  }
  return rows;
}

function cosinesOf(rows: Float32Array, unit: Float32Array, n: number): Float64Array {
  const cosines = new Float64Array(n);
  const length = unit.length;
  for (let at = 0, row = 0; at < n; at++, row += length) {
    // Four sums side by side, as `dot` has them: the additions do not wait for each other.
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let i = 0;
    for (; i + 3 < length; i += 4) {
      s0 += rows[row + i]! * unit[i]!;
      s1 += rows[row + i + 1]! * unit[i + 1]!;
      s2 += rows[row + i + 2]! * unit[i + 2]!;
      s3 += rows[row + i + 3]! * unit[i + 3]!;
    }
    for (; i < length; i++) s0 += rows[row + i]! * unit[i]!;
    const sum = s0 + s1 + (s2 + s3);
    cosines[at] = sum > 0 ? Math.min(1, sum) : 0;
  }
  return cosines;
}

/** Tags of candidate `at`: places `starts[at]` to `starts[at + 1]` of the other two. */
interface TagRows {
  starts: Int32Array;
  numbers: Int32Array;
  weights: Float64Array;
  /** By tag number; zeros between two uses. */
  dense: Float64Array;
}

function tagRows(views: readonly ItemView[]): TagRows {
  const starts = new Int32Array(views.length + 1);
  for (let at = 0; at < views.length; at++) starts[at + 1] = starts[at]! + views[at]!.tags.length;
  const count = starts[views.length]!;
  const numbers = new Int32Array(count);
  const weights = new Float64Array(count);
  let most = -1;
  for (let at = 0; at < views.length; at++) {
    const { tags, tagWeights } = views[at]!;
    for (let i = 0, to = starts[at]!; i < tags.length; i++, to++) {
      numbers[to] = tags[i]!;
      weights[to] = tagWeights[i]!;
      if (tags[i]! > most) most = tags[i]!;
    }
  }
  return { starts, numbers, weights, dense: new Float64Array(most + 1) };
}

function tagSumsOf(
  { starts, numbers, dense }: TagRows,
  weightOf: ReadonlyMap<number, number>,
): Float64Array {
  const n = starts.length - 1;
  const sums = new Float64Array(n);
  // Numbers beyond the last are of tags that no candidate has.
  for (const [tag, weight] of weightOf) if (tag < dense.length) dense[tag] = weight;
  for (let at = 0, i = 0; at < n; at++) {
    let sum = 0;
    for (const end = starts[at + 1]!; i < end; i++) sum += dense[numbers[i]!]!;
    sums[at] = sum;
  }
  dense.fill(0);
  return sums;
}

/** Sums of whole multiples of one step: exact in any order (see `TAG_STEP`). */
function tagCosinesOf(
  { starts, numbers, weights, dense }: TagRows,
  item: ItemView,
  candidates: Int32Array,
  n: number,
): Float64Array {
  const cosines = new Float64Array(n);
  // Numbers beyond the last are of tags that no candidate has.
  for (const [i, tag] of item.tags.entries()) {
    if (tag < dense.length) dense[tag] = item.tagWeights[i]!;
  }
  for (let place = 0; place < n; place++) {
    const at = candidates[place]!;
    const end = starts[at + 1]!;
    let sum = 0;
    for (let i = starts[at]!; i < end; i++) sum += dense[numbers[i]!]! * weights[i]!;
    cosines[place] = Math.min(1, sum);
  }
  for (const tag of item.tags) if (tag < dense.length) dense[tag] = 0;
  return cosines;
}
