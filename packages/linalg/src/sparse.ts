import { sharedF32, sharedU32 } from "./pool/shared.ts";

/** Sparse matrix by rows: entries of row r are indptr[r] .. indptr[r + 1], columns ascending. */
export interface SparseRows {
  indptr: Uint32Array;
  indices: Uint32Array;
  values: Float32Array;
}

/** The transposed matrix, `columns` x rows, in shared memory; columns stay ascending. */
export function transpose(matrix: SparseRows, columns: number): SparseRows {
  const { indptr, indices, values } = matrix;
  const turned = {
    indptr: sharedU32(columns + 1),
    indices: sharedU32(indices.length),
    values: sharedF32(indices.length),
  };
  for (let at = 0; at < indices.length; at++) turned.indptr[indices[at]! + 1]! += 1;
  for (let c = 0; c < columns; c++) turned.indptr[c + 1]! += turned.indptr[c]!;
  const next = turned.indptr.slice(0, columns);
  for (let row = 0; row + 1 < indptr.length; row++) {
    for (let at = indptr[row]!; at < indptr[row + 1]!; at++) {
      const column = indices[at]!;
      const to = next[column]!++;
      turned.indices[to] = row;
      turned.values[to] = values[at]!;
    }
  }
  return turned;
}
