import { unitVector } from "@signalpath/domain";
import type { Arena } from "@signalpath/linalg";

/** Unit vectors of one length, one row each, in blocks of memory. */
export interface VectorRows {
  /** Puts the direction of a vector at a row; one without a direction empties it. */
  set(row: number, vector: readonly number[]): void;
  clear(row: number): void;
  /** Cosine to a filled row; undefined for any other. */
  cosine(unit: Float32Array, row: number): number | undefined;
  /**
   * Cosine to every filled row that is not surely below `floor()`, in no particular order: the
   * floor may rise meanwhile.
   */
  scan(unit: Float32Array, floor: () => number, found: (row: number, cosine: number) => void): void;
}

/** Rows in a block are 2 to the power of this. */
const BLOCK_BITS = 6;
const BLOCK_ROWS = 1 << BLOCK_BITS;
const FLOAT_BYTES = 4;

/**
 * Rows in the arena. A scan works out float32 sums of all rows first; they differ from the exact
 * ones by less than `margin`, so only rows within it of the floor are worked out exactly.
 */
export function createVectorRows(arena: Arena, dimensions: number): VectorRows {
  const rowBytes = Math.ceil(dimensions / 4) * 4 * FLOAT_BYTES;
  // Rounding of n products and n sums of unit vectors, 2n half-units in the last place at most, and
  // of the floor itself.
  const margin = (dimensions + 8) * 2 ** -23;
  const query = arena.allocate(rowBytes);
  const out = arena.allocate((BLOCK_ROWS + 1) * FLOAT_BYTES);
  const blocks: number[] = [];
  const filled: boolean[] = [];

  /** Place of a row in the arena's floats. */
  const placeOf = (row: number): number =>
    (blocks[row >> BLOCK_BITS]! >>> 2) + (row & (BLOCK_ROWS - 1)) * (rowBytes >>> 2);

  return {
    set(row, vector) {
      const unit = unitVector(vector);
      while (blocks.length * BLOCK_ROWS <= row) {
        blocks.push(arena.allocate(BLOCK_ROWS * rowBytes));
        for (let i = 0; i < BLOCK_ROWS; i++) filled.push(false);
      }
      filled[row] = unit !== undefined;
      if (unit !== undefined) arena.floats().set(unit, placeOf(row));
    },
    clear(row) {
      if (row < filled.length) filled[row] = false;
    },
    cosine: (unit, row) =>
      filled[row] === true ? dotAt(arena.floats(), placeOf(row), unit) : undefined,
    scan(unit, floor, found) {
      const floats = arena.floats();
      floats.set(unit, query >>> 2);
      const words = arena.words();
      const first = out >>> 2;
      const width = rowBytes >>> 2;
      for (let b = 0; b < blocks.length; b++) {
        const block = blocks[b]!;
        const end = block + BLOCK_ROWS * rowBytes;
        const least = floor() - margin;
        const after = arena.kernels.reach(block, end, rowBytes, query, out, least) >>> 2;
        for (let at = first; at < after; at++) {
          const place = words[at]! >>> 2;
          const row = b * BLOCK_ROWS + (place - (block >>> 2)) / width;
          if (filled[row]!) found(row, dotAt(floats, place, unit));
        }
      }
    },
  };
}

/** Four sums side by side: the additions do not wait for each other. */
function dotAt(values: Float32Array, offset: number, unit: Float32Array): number {
  const length = unit.length;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    const at = offset + i;
    a += values[at]! * unit[i]!;
    b += values[at + 1]! * unit[i + 1]!;
    c += values[at + 2]! * unit[i + 2]!;
    d += values[at + 3]! * unit[i + 3]!;
  }
  for (; i < length; i++) a += values[offset + i]! * unit[i]!;
  return a + b + (c + d);
}
