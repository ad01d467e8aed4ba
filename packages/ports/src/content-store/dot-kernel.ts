/** What is used of WebAssembly; the ES library of TypeScript does not declare it. */
interface Wasm {
  Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: { m: { m: WasmMemory } },
  ) => { exports: { d: DotKernel } };
}
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** @throws RangeError beyond the maximum. */
  grow(pages: number): number;
}

/**
 * Dot products of the rows in [row, end), `bytes` apart, with the query. From `out` on the addresses
 * of the rows where it is at least `least` (one word more than rows may be written); answers where
 * they end. All are addresses in the arena; `bytes` is a multiple of 16; there is at least one row.
 */
export type DotKernel = (
  row: number,
  end: number,
  bytes: number,
  query: number,
  out: number,
  least: number,
) => number;

/** Memory the kernel works in. Nothing is given back: who asks reuses. */
export interface Arena {
  /** Address of so many new zero bytes, a multiple of 16. @throws RangeError beyond 4 GB. */
  allocate(bytes: number): number;
  /** All of it; older answers are useless after `allocate`. */
  floats(): Float32Array;
  words(): Uint32Array;
  dot: DotKernel;
}

const PAGE = 65_536;
const MAX_PAGES = 65_535;

/** One memory with its kernel: four products at a time (WebAssembly SIMD). */
export function createArena(): Arena {
  const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;
  const memory = new Memory({ initial: 1, maximum: MAX_PAGES });
  const { exports } = new Instance(new Module(MODULE), { m: { m: memory } });
  let floats = new Float32Array(memory.buffer);
  let words = new Uint32Array(memory.buffer);
  let next = 0;
  return {
    allocate(bytes) {
      const at = next;
      const end = at + Math.ceil(bytes / 16) * 16;
      const missing = Math.ceil(end / PAGE) - memory.buffer.byteLength / PAGE;
      if (missing > 0) {
        memory.grow(missing);
        floats = new Float32Array(memory.buffer);
        words = new Uint32Array(memory.buffer);
      }
      next = end;
      return at;
    },
    floats: () => floats,
    words: () => words,
    dot: exports.d,
  };
}

/** Code of the kernel. Locals: 0 row, 1 end, 2 bytes, 3 query, 4 out, 5 least, 6 i, 7 sum. */
const CODE = [
  [2, 1, 0x7f, 1, 0x7b], // an i32 and a v128 beside the parameters
  [0x03, 0x40], // loop over rows
  [0x41, 0, 0xfd, 0x11, 0x21, 7, 0x41, 0, 0x21, 6], // sum = 0, i = 0
  [0x03, 0x40], // loop over values
  [0x20, 7, 0x20, 0, 0x20, 6, 0x6a, 0xfd, 0x00, 4, 0], // sum, v128 at row + i
  [0x20, 3, 0x20, 6, 0x6a, 0xfd, 0x00, 4, 0], // v128 at query + i
  [0xfd, 0xe6, 0x01, 0xfd, 0xe4, 0x01, 0x21, 7], // sum += product
  [0x20, 6, 0x41, 16, 0x6a, 0x22, 6, 0x20, 2, 0x49, 0x0d, 0, 0x0b], // again while (i += 16) < bytes
  [0x20, 4, 0x20, 0, 0x36, 2, 0], // the row at out, kept only
  [0x20, 4, 0x20, 7, 0xfd, 0x1f, 0, 0x20, 7, 0xfd, 0x1f, 1, 0x92], // when lanes 0 + 1
  [0x20, 7, 0xfd, 0x1f, 2, 0x20, 7, 0xfd, 0x1f, 3, 0x92, 0x92], // + (lanes 2 + 3)
  [0x20, 5, 0x60, 0x41, 2, 0x74, 0x6a, 0x21, 4], // are >= least: then out += 4
  [0x20, 0, 0x20, 2, 0x6a, 0x22, 0, 0x20, 1, 0x49, 0x0d, 0, 0x0b], // again while (row += bytes) < end
  [0x20, 4, 0x0b], // out
].flat();

/** A length in two bytes (LEB128). */
const sized = (length: number): number[] => [(length & 0x7f) | 0x80, length >> 7];

/** The module, section by section (WebAssembly core specification 2.0, section 5). */
const MODULE = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
    [0x01, 11, 1, 0x60, 6, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7d, 1, 0x7f], // five i32, an f32 -> i32
    [0x02, 11, 1, 1, 0x6d, 1, 0x6d, 0x02, 0x01, 1, 0xff, 0xff, 0x03], // import memory m.m
    [0x03, 2, 1, 0], // one function of that type
    [0x07, 5, 1, 1, 0x64, 0x00, 0], // export it as d
    [0x0a, ...sized(CODE.length + 3), 1, ...sized(CODE.length), ...CODE], // its code
  ].flat(),
);
