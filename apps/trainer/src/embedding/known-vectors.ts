import { stringAt, stringCount } from "@signalpath/contracts";
import type { ContentItem } from "@signalpath/domain";
import type { EmbeddingParameters, KnownVectors } from "@signalpath/embeddings";
import { createRandom, ials, type Interactions } from "@signalpath/models";
import type { EmbeddingProvider } from "@signalpath/ports";

import { TrainingError } from "../errors.ts";

/** Fewer people or entries say less of the items than their tags. */
const ENOUGH = { people: 50, entries: 1_000 };

export interface KnownOptions {
  seed: number;
  threads: number;
  memoryLimitBytes: number;
  provider: EmbeddingProvider | undefined;
  signal: AbortSignal;
  onFraction: (fraction: number) => void;
}

/**
 * The vectors a space starts from: factors of the interactions, or those of a provider; undefined
 * where tags and text are all there is, or all that was asked for.
 * @throws TrainingError, ModelError, UnavailableError.
 */
export async function knownVectors(
  { method, dimensions }: EmbeddingParameters,
  content: readonly ContentItem[],
  interactions: Interactions,
  options: KnownOptions,
): Promise<KnownVectors | undefined> {
  if (method === "provider") return provided(content, options);
  const { users, matrix } = interactions;
  const isEnough = stringCount(users) >= ENOUGH.people && matrix.indices.length >= ENOUGH.entries;
  if (method === "tags" || (method === undefined && !isEnough)) return undefined;
  return factors(interactions, dimensions, options);
}

async function factors(
  interactions: Interactions,
  dimensions: number | undefined,
  { seed, threads, memoryLimitBytes, signal, onFraction }: KnownOptions,
): Promise<KnownVectors> {
  const model = await ials.train(
    interactions,
    dimensions === undefined ? {} : { factors: dimensions },
    {
      random: createRandom(seed, "factors"),
      workers: threads > 1 ? threads : 0,
      memoryLimitBytes,
      signal,
      onProgress: ({ fraction }) => onFraction(fraction),
    },
  );
  const counts = new Float64Array(stringCount(model.items));
  for (const item of interactions.matrix.indices) counts[item]!++;
  return {
    method: "ials",
    dimensions: model.core.factors,
    itemIds: Array.from(counts, (_, row) => stringAt(model.items, row)),
    vectors: model.core.itemFactors,
    counts,
    foldIn: model.core.foldIn,
  };
}

async function provided(
  content: readonly ContentItem[],
  { provider, signal, onFraction }: KnownOptions,
): Promise<KnownVectors> {
  if (provider === undefined) {
    throw new TrainingError("NO_PROVIDER", "EMBEDDINGS_URL names no provider of vectors");
  }
  const found = await provider.embed(content.map(textOf), { signal, onFraction });
  const vectors = new Float32Array(found.length * provider.dimensions);
  found.forEach((vector, row) => vectors.set(vector, row * provider.dimensions));
  return {
    method: "provider",
    dimensions: provider.dimensions,
    itemIds: content.map(({ item_id }) => item_id),
    vectors,
  };
}

/** What a provider reads of an item. */
function textOf({ title, text, tags }: ContentItem): string {
  const labels = tags.map(({ label }) => label).join(", ");
  return [title, labels, text ?? ""].filter((part) => part !== "").join("\n");
}
