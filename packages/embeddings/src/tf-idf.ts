import { compareCodePoints } from "@signalpath/domain";

import { termsOf, type Described } from "./terms.ts";

/** Sparse rows in the order of the documents. */
export interface TermRows {
  rows: number;
  columns: number;
  /** rows + 1 */
  indptr: Uint32Array;
  indices: Uint32Array;
  values: Float64Array;
}

export interface TfIdf {
  /** Ascending by code point; column i is term i. */
  terms: string[];
  idf: Float32Array;
  matrix: TermRows;
}

/** Terms kept at most, those of most documents first. */
const MAX_TERMS = 20_000;
/** A word of one document links it to nothing; a tag of one may be carried by the next item. */
const LEAST_DOCUMENTS = { t: 1, w: 2 };

/**
 * Fits tf-idf: idf(term) = ln((1 + N) / (1 + documents with it)) + 1, the smoothed form of
 * scikit-learn's TfidfTransformer, so that a term of all documents still counts. Rows have unit
 * length; a document without a known term is a row of nothing.
 */
export function fitTfIdf(documents: readonly Described[], maxTerms = MAX_TERMS): TfIdf {
  const found = documents.map(termsOf);
  const frequency = new Map<string, number>();
  for (const terms of found) {
    for (const term of terms.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  }
  const terms = [...frequency]
    .filter(([term, count]) => count >= LEAST_DOCUMENTS[term[0] as "t" | "w"])
    .sort(([a, m], [b, n]) => n - m || compareCodePoints(a, b))
    .slice(0, maxTerms)
    .map(([term]) => term)
    .sort(compareCodePoints);
  const idf = Float32Array.from(
    terms,
    (term) => Math.log((1 + documents.length) / (1 + (frequency.get(term) ?? 0))) + 1,
  );
  const columnOf = new Map(terms.map((term, column) => [term, column]));
  const indptr = new Uint32Array(documents.length + 1);
  const indices: number[] = [];
  const values: number[] = [];
  found.forEach((own, row) => {
    for (const [column, value] of weighTerms(own, idf, (term) => columnOf.get(term))) {
      indices.push(column);
      values.push(value);
    }
    indptr[row + 1] = indices.length;
  });
  const matrix = {
    rows: documents.length,
    columns: terms.length,
    indptr,
    indices: Uint32Array.from(indices),
    values: Float64Array.from(values),
  };
  return { terms, idf, matrix };
}

/** Unit row of a document's terms: (column, value) by column; unknown terms are left out. */
export function weighTerms(
  terms: ReadonlyMap<string, number>,
  idf: Float32Array,
  columnOf: (term: string) => number | undefined,
): [number, number][] {
  const row: [number, number][] = [];
  let squares = 0;
  for (const [term, weight] of terms) {
    const column = columnOf(term);
    if (column === undefined) continue;
    const value = weight * idf[column]!;
    squares += value * value;
    row.push([column, value]);
  }
  const length = Math.sqrt(squares);
  return row
    .sort(([a], [b]) => a - b)
    .map(([column, value]): [number, number] => [column, value / length]);
}
