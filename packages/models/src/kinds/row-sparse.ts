import type { ModelTensor } from "@signalpath/contracts";
import { topK } from "@signalpath/linalg";

import type { SparseRows } from "../interactions/types.ts";
import type { Input } from "../kind/input.ts";
import { sparse, sparseTensors, type Tensors } from "../kind/tensors.ts";

/** Item x item, rows are seed items: what an input item adds to the scores of others. */
export interface RowSparseCore {
  neighbours: SparseRows;
}

/** Rows of one piece of work on their way back. */
export interface SparsePiece {
  counts: Uint32Array;
  indices: Uint32Array;
  values: Float32Array;
}

/** Sum over the input of weight x row; NaN for items that no row of the input names. */
export function scoreSparse({ neighbours }: RowSparseCore, { rows, weights }: Input): Float64Array {
  const { indptr, indices, values } = neighbours;
  const scores = new Float64Array(indptr.length - 1).fill(Number.NaN);
  for (let at = 0; at < rows.length; at++) {
    const weight = weights[at]!;
    const end = indptr[rows[at]! + 1]!;
    for (let k = indptr[rows[at]!]!; k < end; k++) {
      const column = indices[k]!;
      const before = scores[column]!;
      scores[column] = (Number.isNaN(before) ? 0 : before) + weight * values[k]!;
    }
  }
  return scores;
}

/** What each entry of the input adds to one item. */
export function contributionsSparse(
  { neighbours: { indptr, indices, values } }: RowSparseCore,
  { rows, weights }: Input,
  item: number,
): Float64Array {
  return Float64Array.from(rows, (row, at) => {
    for (let k = indptr[row]!; k < indptr[row + 1]!; k++) {
      if (indices[k] === item) return weights[at]! * values[k]!;
    }
    return 0;
  });
}

/**
 * Collects rows cut to their `keep` values of largest size (ties: the smaller column), columns
 * ascending. Values that are not finite or 0 are no candidates.
 */
export function createRowCutter(keep: number): {
  add(row: Float64Array): void;
  take(): SparsePiece;
} {
  const counts: number[] = [];
  const indices: number[] = [];
  const values: number[] = [];
  let sizes = new Float64Array(0);
  return {
    add(row) {
      if (sizes.length !== row.length) sizes = new Float64Array(row.length);
      for (let j = 0; j < row.length; j++) sizes[j] = row[j] === 0 ? Number.NaN : Math.abs(row[j]!);
      const best = topK(sizes, keep).sort();
      counts.push(best.length);
      for (const column of best) {
        indices.push(column);
        values.push(row[column]!);
      }
    },
    take: () => ({
      counts: Uint32Array.from(counts),
      indices: Uint32Array.from(indices),
      values: Float32Array.from(values),
    }),
  };
}

/** One matrix of pieces in the order of rows. */
export function joinPieces(pieces: readonly SparsePiece[]): SparseRows {
  const rows = pieces.reduce((sum, { counts }) => sum + counts.length, 0);
  const entries = pieces.reduce((sum, { indices }) => sum + indices.length, 0);
  const joined = {
    indptr: new Uint32Array(rows + 1),
    indices: new Uint32Array(entries),
    values: new Float32Array(entries),
  };
  let row = 0;
  let entry = 0;
  for (const { counts, indices, values } of pieces) {
    joined.indices.set(indices, entry);
    joined.values.set(values, entry);
    for (const count of counts) {
      entry += count;
      joined.indptr[++row] = entry;
    }
  }
  return joined;
}

export function rowSparseTensors({ neighbours }: RowSparseCore): [string, ModelTensor][] {
  return sparseTensors("neighbours", neighbours);
}

export function rowSparseCore(tensors: Tensors, items: number): RowSparseCore {
  return { neighbours: sparse(tensors, "neighbours", items, items) };
}
