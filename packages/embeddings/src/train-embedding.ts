import { encodeStrings } from "@signalpath/contracts";
import { compareCodePoints, type ContentItem } from "@signalpath/domain";

import { EmbeddingError } from "./errors.ts";
import { randomisedSvd, times } from "./randomised-svd.ts";
import { fitRidge } from "./ridge.ts";
import { fitTfIdf, type TfIdf } from "./tf-idf.ts";
import type { Embedding, EmbeddingMethod } from "./types.ts";

/** Vectors that something else made of some of the items: factors of a model, or a provider's. */
export interface KnownVectors {
  method: Exclude<EmbeddingMethod, "tags">;
  dimensions: number;
  itemIds: readonly string[];
  /** One row an id. */
  vectors: Float32Array;
  /** What each row stands on, above 0; absent: all the same. */
  counts?: Float64Array;
  /** d x d, when the vectors come with a fold-in of their own. */
  foldIn?: Float32Array;
}

export interface TrainEmbeddingOptions {
  /** Of a space made from tags and text; with known vectors, of what the map to them reads. */
  dimensions?: number;
  /** In [0, 1); the same seed gives the same bits. */
  random: () => number;
  known?: KnownVectors;
  /** Ridge penalty of the map to known vectors. */
  lambda?: number;
  /** Called between blocks of work, so that others get a turn. */
  turn?: () => Promise<void>;
}

export const DEFAULT_DIMENSIONS = 64;
/** docs/quality.md says how it was chosen. */
const DEFAULT_LAMBDA = 0.1;

/**
 * Trains a space from content, and from known vectors of some of it when they are given. Without
 * them: tf-idf of tags and words, its truncated SVD, an item's vector its row in the space. With
 * them: those vectors, and a ridge map from the SVD's space to theirs for every other item. Items
 * are taken by id, so their order does not matter.
 * @throws EmbeddingError NO_CONTENT when nothing is left to describe items by, or fewer than two
 * directions; PARAMETERS_INVALID.
 */
export async function trainEmbedding(
  content: readonly ContentItem[],
  options: TrainEmbeddingOptions,
): Promise<Embedding> {
  const { dimensions = DEFAULT_DIMENSIONS, lambda = DEFAULT_LAMBDA, known } = options;
  if (!Number.isInteger(dimensions) || dimensions < 2 || dimensions > 512) {
    throw new EmbeddingError("PARAMETERS_INVALID", "dimensions is a whole number from 2 to 512");
  }
  if (!(lambda > 0)) throw new EmbeddingError("PARAMETERS_INVALID", "lambda is above 0");
  const items = [...content].sort((a, b) => compareCodePoints(a.item_id, b.item_id));
  const described = fitTfIdf(items);
  const { matrix } = described;
  const { random, turn } = options;
  const svd = await randomisedSvd(matrix, dimensions, {
    random,
    ...(turn === undefined ? {} : { turn }),
  });
  if (svd.rank < 2) {
    throw new EmbeddingError("NO_CONTENT", "tags, titles and texts tell the items not apart");
  }
  const ids = items.map((item) => item.item_id);
  const places = times(matrix, svd.right, svd.rank);
  if (known === undefined) {
    return {
      method: "tags",
      dimensions: svd.rank,
      items: encodeStrings(ids),
      vectors: Float32Array.from(places),
      ...termsOf(described),
      termMap: Float32Array.from(svd.right),
      intercept: new Float32Array(svd.rank),
    };
  }
  return mapped({ ids, described, right: svd.right, rank: svd.rank, places }, known, lambda);
}

interface Described {
  ids: readonly string[];
  described: TfIdf;
  right: Float64Array;
  rank: number;
  places: Float64Array;
}

function termsOf({ terms, idf }: TfIdf): Pick<Embedding, "terms" | "idf"> {
  return { terms: encodeStrings(terms), idf };
}

/** A space of known vectors. Items that are known but no longer content are left out. */
function mapped(
  { ids, described, right, rank, places }: Described,
  known: KnownVectors,
  lambda: number,
): Embedding {
  const { dimensions: d, method, foldIn } = known;
  const rowOf = new Map(known.itemIds.map((id, row) => [id, row]));
  const warm = ids.flatMap((id, row) => {
    const at = rowOf.get(id);
    return at === undefined ? [] : [{ id, row, at }];
  });
  if (warm.length === 0) {
    throw new EmbeddingError("NO_CONTENT", "no item that has a vector is in the catalogue");
  }
  const inputs = new Float64Array(warm.length * rank);
  const targets = new Float64Array(warm.length * d);
  warm.forEach(({ row, at }, i) => {
    inputs.set(places.subarray(row * rank, (row + 1) * rank), i * rank);
    targets.set(known.vectors.subarray(at * d, (at + 1) * d), i * d);
  });
  const weights = Float64Array.from(warm, ({ at }) => known.counts?.[at] ?? 1);
  const ridge = fitRidge(inputs, rank, targets, d, { lambda, weights });
  const columns = described.terms.length;
  const termMap = new Float32Array(columns * d);
  for (let column = 0; column < columns; column++) {
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let i = 0; i < rank; i++) sum += right[column * rank + i]! * ridge.map[i * d + j]!;
      termMap[column * d + j] = sum;
    }
  }
  return {
    method,
    dimensions: d,
    items: encodeStrings(warm.map(({ id }) => id)),
    vectors: Float32Array.from(targets),
    ...termsOf(described),
    termMap,
    intercept: Float32Array.from(ridge.intercept),
    ...(foldIn === undefined ? {} : { foldIn }),
  };
}
