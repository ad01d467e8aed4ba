import { type Arithmetic, scratch, upTo } from "./kernel/scratch.ts";
import { plainSgemm } from "./plain/gemm.ts";

export interface SgemmArgs {
  /** m x k, or k x m when it is to be transposed. */
  a: Float32Array;
  /** k x n, or n x k when it is to be transposed. */
  b: Float32Array;
  /** m x n, overwritten. */
  out: Float32Array;
  m: number;
  n: number;
  k: number;
  transposeA?: boolean;
  transposeB?: boolean;
  arithmetic?: Arithmetic;
}

/** Columns and depth of a panel: both panels and the tile stay in the second cache. */
const WIDTH = 256;
const DEPTH = 256;

/** Rows `from` to `to` of out = a b. Sums run over k in panels of a fixed depth. */
export function sgemmRows(args: SgemmArgs, from: number, to: number): void {
  const { out, n, k, arithmetic } = args;
  const height = to - from;
  for (let j = 0; j < n; j += WIDTH) {
    const width = Math.min(WIDTH, n - j);
    const tile = new Float32Array(upTo(height, 4) * upTo(width, 8));
    for (let p = 0; p < k; p += DEPTH) {
      const depth = Math.min(DEPTH, k - p);
      const size = { m: upTo(height, 4), n: upTo(width, 8), k: depth };
      const a = new Float32Array(depth * size.m);
      const b = new Float32Array(depth * size.n);
      packA(args, a, { from, height, p, depth, stride: size.m });
      packB(args, b, { from: j, height: width, p, depth, stride: size.n });
      multiply({ a, b, c: tile, ...size }, arithmetic);
    }
    const stride = upTo(width, 8);
    for (let i = 0; i < height; i++) {
      const line = tile.subarray(i * stride, i * stride + width);
      out.set(line, (from + i) * n + j);
    }
  }
}

interface Panel {
  /** First row or column of the panel, and how many. */
  from: number;
  height: number;
  /** First step of the sum, and how many. */
  p: number;
  depth: number;
  stride: number;
}

function packA({ a, m, k, transposeA }: SgemmArgs, to: Float32Array, panel: Panel): void {
  if (transposeA === true) copyLines(a, m, to, panel);
  else turnLines(a, k, to, panel);
}

function packB({ b, n, k, transposeB }: SgemmArgs, to: Float32Array, panel: Panel): void {
  if (transposeB === true) turnLines(b, k, to, panel);
  else copyLines(b, n, to, panel);
}

/** The sum runs down the rows of the source: lines as they are. */
function copyLines(source: Float32Array, ld: number, to: Float32Array, panel: Panel): void {
  for (let q = 0; q < panel.depth; q++) {
    const at = (panel.p + q) * ld + panel.from;
    to.set(source.subarray(at, at + panel.height), q * panel.stride);
  }
}

/** The sum runs along the rows of the source. */
function turnLines(source: Float32Array, ld: number, to: Float32Array, panel: Panel): void {
  for (let i = 0; i < panel.height; i++) {
    const at = (panel.from + i) * ld + panel.p;
    for (let q = 0; q < panel.depth; q++) to[q * panel.stride + i] = source[at + q]!;
  }
}

interface Tile {
  a: Float32Array;
  b: Float32Array;
  c: Float32Array;
  m: number;
  n: number;
  k: number;
}

function multiply(tile: Tile, arithmetic: Arithmetic | undefined): void {
  const panels = scratch(arithmetic);
  if (panels === undefined) {
    plainSgemm(tile);
    return;
  }
  const { a, b, c, m, n, k } = tile;
  const places = [a, b, c].map((values) => panels.allocate(values.byteLength));
  const [atA, atB, atC] = places as [number, number, number];
  const floats = panels.floats();
  floats.set(a, atA >>> 2);
  floats.set(b, atB >>> 2);
  floats.set(c, atC >>> 2);
  panels.kernels.sgemm(atA, atB, atC, m, n, k, 0);
  c.set(floats.subarray(atC >>> 2, (atC >>> 2) + c.length));
}
