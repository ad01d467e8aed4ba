import { type Arithmetic, scratch, upTo } from "./kernel/scratch.ts";

/** Columns of one pass: their sums stay in the first cache. */
const WIDTH = 2_048;

/**
 * Sums over the given rows of weight x q x |q|, q the bytes of a matrix with `columns` columns: what a
 * matrix stored as signed squares adds up to before its scales. Rows are added in the order given.
 */
export function addSquaredRows(
  { values, columns }: { values: Int8Array; columns: number },
  rows: Uint32Array,
  weights: ArrayLike<number>,
  arithmetic?: Arithmetic,
): Float64Array {
  const out = new Float64Array(columns);
  const panels = scratch(arithmetic);
  if (panels === undefined) {
    for (let at = 0; at < rows.length; at++) {
      const weight = weights[at]!;
      const start = rows[at]! * columns;
      for (let j = 0; j < columns; j++) {
        const q = values[start + j]!;
        out[j]! += weight * (q * Math.abs(q));
      }
    }
    return out;
  }
  const atSums = panels.allocate(WIDTH * 8);
  const atBytes = panels.allocate(WIDTH);
  const doubles = panels.doubles();
  const bytes = panels.bytes();
  for (let j = 0; j < columns; j += WIDTH) {
    const width = Math.min(WIDTH, columns - j);
    doubles.fill(0, atSums >>> 3, (atSums >>> 3) + WIDTH);
    for (let at = 0; at < rows.length; at++) {
      const start = rows[at]! * columns + j;
      bytes.set(values.subarray(start, start + width), atBytes);
      panels.kernels.addSquared(atBytes, upTo(width, 8), weights[at]!, atSums);
    }
    out.set(doubles.subarray(atSums >>> 3, (atSums >>> 3) + width), j);
  }
  return out;
}
