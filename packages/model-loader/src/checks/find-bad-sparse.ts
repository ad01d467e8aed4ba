import type { Fault, SparseSpans } from "./task.ts";

/** The first sparse matrix whose entries are not where its rows and columns say. */
export function findBadSparse(
  buffer: ArrayBufferLike,
  matrices: readonly SparseSpans[],
): Fault | undefined {
  for (const { name, indptr, items, columns } of matrices) {
    const begins = new Uint32Array(buffer, indptr.at, indptr.bytes / 4);
    const entries = new Uint32Array(buffer, items.at, items.bytes / 4);
    const wrong = badRow(begins, entries.length) ?? badColumn(begins, entries, columns);
    if (wrong !== undefined) return { code: "MODEL_BOUNDS_INVALID", message: `${name}: ${wrong}` };
  }
  return undefined;
}

function badRow(begins: Uint32Array, entries: number): string | undefined {
  if (begins[0] !== 0 || begins.at(-1) !== entries) return "rows that do not span the entries";
  for (let row = 1; row < begins.length; row++) {
    if ((begins[row] as number) < (begins[row - 1] as number)) return "rows that end early";
  }
  return undefined;
}

function badColumn(begins: Uint32Array, entries: Uint32Array, columns: number): string | undefined {
  for (let row = 1; row < begins.length; row++) {
    const end = begins[row] as number;
    let before = -1;
    for (let at = begins[row - 1] as number; at < end; at++) {
      const column = entries[at] as number;
      if (column <= before || column >= columns) return `columns of row ${row - 1}`;
      before = column;
    }
  }
  return undefined;
}
