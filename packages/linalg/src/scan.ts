import { LinalgError } from "./errors.ts";
import { type Arithmetic, scratch, upTo } from "./kernel/scratch.ts";

/** Bytes of rows that are taken into the kernel's memory at once: half of a second cache. */
const BLOCK_BYTES = 262_144;

/**
 * Dot products of the rows of a matrix (count x d, row-major) with one query of d numbers, as float32.
 * Throws SHAPE_INVALID.
 */
export function scan(
  rows: Float32Array,
  query: ArrayLike<number>,
  arithmetic?: Arithmetic,
): Float32Array {
  const d = query.length;
  if (d === 0 || rows.length % d !== 0) {
    throw new LinalgError("SHAPE_INVALID", `${rows.length} numbers are no rows of ${d}`);
  }
  const out = new Float32Array(rows.length / d);
  const panels = scratch(arithmetic);
  if (panels === undefined) {
    plainScan(rows, query, out);
    return out;
  }
  const width = upTo(d, 4);
  const step = Math.max(1, Math.floor(BLOCK_BYTES / (width * 4)));
  const places = [width * 4, step * width * 4, step * 4].map((bytes) => panels.allocate(bytes));
  const [atQuery, atRows, atOut] = places as [number, number, number];
  const floats = panels.floats();
  floats.fill(0, atQuery >>> 2, (atQuery >>> 2) + width);
  floats.set(query, atQuery >>> 2);
  if (width > d) floats.fill(0, atRows >>> 2, (atRows >>> 2) + step * width);
  for (let row = 0; row < out.length; row += step) {
    const count = Math.min(step, out.length - row);
    const block = rows.subarray(row * d, (row + count) * d);
    if (width === d) floats.set(block, atRows >>> 2);
    else spread(block, d, floats, atRows >>> 2, width);
    panels.kernels.scan(atRows, count, width * 4, atQuery, atOut);
    out.set(floats.subarray(atOut >>> 2, (atOut >>> 2) + count), row);
  }
  return out;
}

function spread(
  from: Float32Array,
  d: number,
  to: Float32Array,
  start: number,
  width: number,
): void {
  for (let at = 0; at < from.length; at++) {
    to[start + Math.floor(at / d) * width + (at % d)] = from[at]!;
  }
}

function plainScan(rows: Float32Array, query: ArrayLike<number>, out: Float32Array): void {
  const d = query.length;
  for (let row = 0; row < out.length; row++) {
    let sum = 0;
    for (let p = 0; p < d; p++) sum += rows[row * d + p]! * query[p]!;
    out[row] = sum;
  }
}
