import { unitVector } from "@signalpath/domain";

import type { Arena } from "./dot-kernel.ts";

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

/** Rows in a block, a power of two. */
const BLOCK_ROWS = 64;
const FLOAT_BYTES = 4;

/**
 * Rows in the arena. A scan works out float32 sums of all rows first; they differ from the exact
 * ones by less than `margin`, so only rows that come within it are worked out exactly.
 */
export function createVectorRows(arena: Arena, dimensions: number): VectorRows {
  const rowBytes = Math.ceil(dimensions / 4) * 4 * FLOAT_BYTES;
  // Rounding of n products and n sums of unit vectors: 2n half-units in the last place at most.
  const margin = (dimensions + 4) * 2 ** -23;
  const query = arena.allocate(rowBytes);
  const out = arena.allocate(BLOCK_ROWS * FLOAT_BYTES);
  const blocks: number[] = [];
  const filled: boolean[] = [];

  /** Place of a row in the arena's floats. */
  const placeOf = (row: number): number =>
    (blocks[Math.floor(row / BLOCK_ROWS)]! + (row % BLOCK_ROWS) * rowBytes) / FLOAT_BYTES;
  const exact = (unit: Float32Array, row: number): number =>
    dotAt(arena.floats(), placeOf(row), unit);

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
    cosine: (unit, row) => (filled[row] === true ? exact(unit, row) : undefined),
    scan(unit, floor, found) {
      const floats = arena.floats();
      floats.set(unit, query / FLOAT_BYTES);
      const first = out / FLOAT_BYTES;
      for (let b = 0; b < blocks.length; b++) {
        const block = blocks[b]!;
        arena.dot(block, block + BLOCK_ROWS * rowBytes, rowBytes, query, out);
        let least = floor() - margin;
        for (let i = 0; i < BLOCK_ROWS; i++) {
          const row = b * BLOCK_ROWS + i;
          if (floats[first + i]! < least || !filled[row]!) continue;
          found(row, exact(unit, row));
          least = floor() - margin;
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
