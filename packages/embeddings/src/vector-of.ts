import { findString, stringAt, stringCount } from "@signalpath/contracts";
import type { ContentItem } from "@signalpath/domain";

import { termsOf, type Described } from "./terms.ts";
import { weighTerms } from "./tf-idf.ts";
import type { Embedding } from "./types.ts";

/** Places items in a space. */
export interface ItemPlaces {
  /** By what the training knew of the item, else by its terms. */
  vectorOf: (item: ContentItem) => number[] | undefined;
  /**
   * By tags and words alone, so that an item nobody has met has its place at once. Undefined for an
   * item without any term the space knows.
   */
  coldVector: (item: Described) => number[] | undefined;
}

/**
 * A space made from tags and text has no vectors but those of its terms: there an item moves as soon
 * as its tags are changed. In others, known items stay where the training put them.
 */
export function createItemPlaces(embedding: Embedding): ItemPlaces {
  const { method, dimensions: d, items, vectors, terms, idf, termMap, intercept } = embedding;
  const columns = new Map<string, number>();
  for (let column = 0; column < stringCount(terms); column++) {
    columns.set(stringAt(terms, column), column);
  }

  function coldVector(item: Described): number[] | undefined {
    const row = weighTerms(termsOf(item), idf, (term) => columns.get(term));
    if (row.length === 0) return undefined;
    const vector = Array.from(intercept);
    for (const [column, value] of row) {
      for (let j = 0; j < d; j++) vector[j]! += value * termMap[column * d + j]!;
    }
    return vector;
  }

  return {
    coldVector,
    vectorOf(item) {
      const row = method === "tags" ? -1 : findString(items, item.item_id);
      return row < 0 ? coldVector(item) : Array.from(vectors.subarray(row * d, (row + 1) * d));
    },
  };
}
