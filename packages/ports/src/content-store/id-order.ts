import { compareCodePoints } from "@signalpath/domain";

/** Rows and their places in the code point order of their ids, each by the other. */
export interface Ranks {
  /** Rows in id order. */
  rows: Int32Array;
  /** Place by row; -1 where the row is free. */
  of: Int32Array;
}

/** The order of the ids of an index, so that ties cost no comparison of texts. */
export interface IdOrder {
  add(row: number): void;
  drop(row: number): void;
  /** The order as of now. What is answered never changes. */
  ranks(): Ranks;
}

/**
 * Changes are gathered until somebody asks: then the new ids are sorted and merged with the others,
 * which stay in their order.
 * @param idAt id of a row that was added.
 */
export function createIdOrder(idAt: (row: number) => string): IdOrder {
  let known: Ranks = { rows: new Int32Array(0), of: new Int32Array(0) };
  const added = new Set<number>();
  /** Rows whose earlier id is gone; they may have a new one among those added. */
  const gone = new Set<number>();

  return {
    add: (row) => void added.add(row),
    drop(row) {
      added.delete(row);
      gone.add(row);
    },
    ranks() {
      if (added.size === 0 && gone.size === 0) return known;
      const kept = gone.size === 0 ? known.rows : known.rows.filter((row) => !gone.has(row));
      const fresh = [...added].sort((a, b) => compareCodePoints(idAt(a), idAt(b)));
      known = ranksOf(merged(kept, fresh, idAt));
      added.clear();
      gone.clear();
      return known;
    },
  };
}

/** Both in id order, no id twice. */
function merged(a: Int32Array, b: readonly number[], idAt: (row: number) => string): Int32Array {
  const rows = new Int32Array(a.length + b.length);
  let i = 0;
  let j = 0;
  for (let at = 0; at < rows.length; at++) {
    const isFromA =
      j >= b.length || (i < a.length && compareCodePoints(idAt(a[i]!), idAt(b[j]!)) < 0);
    rows[at] = isFromA ? a[i++]! : b[j++]!;
  }
  return rows;
}

function ranksOf(rows: Int32Array): Ranks {
  let length = 0;
  for (const row of rows) length = Math.max(length, row + 1);
  const of = new Int32Array(length).fill(-1);
  for (let rank = 0; rank < rows.length; rank++) of[rows[rank]!] = rank;
  return { rows, of };
}
