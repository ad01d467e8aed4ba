import { unitVector } from "@signalpath/domain";

/** Unit vectors of one length, one row each, in one block of memory. */
export interface VectorRows {
  /** Puts the direction of a vector at a row; one without a direction empties it. */
  set(row: number, vector: readonly number[]): void;
  clear(row: number): void;
  /** Cosine to every filled row that `accepts`, in no particular order. */
  scan(
    unit: Float32Array,
    accepts: (row: number) => boolean,
    found: (row: number, cosine: number) => void,
  ): void;
}

const FIRST_ROWS = 64;

export function createVectorRows(dimensions: number): VectorRows {
  let values = new Float32Array(FIRST_ROWS * dimensions);
  let filled = new Uint8Array(FIRST_ROWS);

  const reserve = (rows: number): void => {
    if (rows <= filled.length) return;
    const size = Math.max(rows, filled.length * 2);
    const more = new Float32Array(size * dimensions);
    more.set(values);
    const flags = new Uint8Array(size);
    flags.set(filled);
    values = more;
    filled = flags;
  };

  return {
    set(row, vector) {
      reserve(row + 1);
      const unit = unitVector(vector);
      filled[row] = unit === undefined ? 0 : 1;
      if (unit !== undefined) values.set(unit, row * dimensions);
    },
    clear(row) {
      if (row < filled.length) filled[row] = 0;
    },
    scan(unit, accepts, found) {
      for (let row = 0; row < filled.length; row++) {
        if (filled[row] === 0 || !accepts(row)) continue;
        found(row, dotAt(values, row * dimensions, unit));
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
