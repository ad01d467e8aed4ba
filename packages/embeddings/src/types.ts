import type { StringTable } from "@signalpath/contracts";

/** Where vectors of warm items come from. */
export type EmbeddingMethod = "tags" | "ials" | "provider";

/**
 * An embedding space: vectors of known items, and a linear map from terms to the space for all
 * others. Everything in it is of one training, so all its vectors may be compared.
 */
export interface Embedding {
  method: EmbeddingMethod;
  /** Length d of a vector, 2..4096. */
  dimensions: number;
  /** Ascending by code point: row i of `vectors` is item i. */
  items: StringTable;
  /** n x d */
  vectors: Float32Array;
  /** Ascending by code point: row i of `termMap` is term i. */
  terms: StringTable;
  /** Inverse document frequency of each term. */
  idf: Float32Array;
  /** t x d: vector of an item = intercept + unit tf-idf row x termMap. */
  termMap: Float32Array;
  /** d */
  intercept: Float32Array;
  /** d x d, symmetric: taste = W x sum(weight x vector). Absent: tastes are unit centroids. */
  foldIn?: Float32Array;
}
