/** What is used of WebAssembly; the ES library of TypeScript does not declare it. */
export interface Wasm {
  Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: { env: { memory: WasmMemory } },
  ) => { exports: KernelExports };
  validate(bytes: Uint8Array): boolean;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Throws RangeError beyond the maximum. */
  grow(pages: number): number;
}

/** Functions of assembly/kernels.ts; addresses are bytes, multiples of 16. */
export interface KernelExports {
  sgemm(a: number, b: number, c: number, m: number, n: number, k: number, upper: number): void;
  dgemm(a: number, b: number, c: number, m: number, n: number, k: number): void;
  cholesky(a: number, n: number): number;
  solve(u: number, n: number, b: number): void;
  scan(row: number, count: number, bytes: number, query: number, out: number): void;
  reach(row: number, end: number, bytes: number, query: number, out: number, least: number): number;
  addSquared(q: number, n: number, weight: number, sums: number): void;
  productRow(
    rows: number,
    weights: number,
    count: number,
    indptr: number,
    indices: number,
    values: number,
    limit: number,
    out: number,
  ): void;
  weigh(rows: number, weights: number, count: number, n: number, to: number, side: number): void;
  addRidge(base: number, c: number, ridge: number, n: number, out: number): void;
}
