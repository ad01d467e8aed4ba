import { createHash } from "node:crypto";

import type { ModelTensor, ModelTensorData, ModelView, StringTable } from "@signalpath/contracts";

import { EmbeddingError } from "./errors.ts";
import type { Embedding, EmbeddingMethod } from "./types.ts";

/** Name of the kind that artefacts and the catalogue carry. */
export const EMBEDDING_KIND = "embedding";

const METHODS: readonly string[] = ["tags", "ials", "provider"] satisfies EmbeddingMethod[];

/** An embedding that has a name: what is compared may carry the same one only. */
export interface NamedEmbedding extends Embedding {
  spaceId: string;
}

/** Tensors and hyperparameters of an artefact, and the id of the space it holds. */
export function encodeEmbedding(embedding: Embedding): {
  hyperparameters: Readonly<Record<string, unknown>>;
  tensors: Map<string, ModelTensor>;
  spaceId: string;
} {
  const { method, dimensions: d, vectors, idf, termMap, intercept, foldIn } = embedding;
  const tensors = new Map<string, ModelTensor>([
    ...stringTensors("item_ids", embedding.items),
    ["item_vectors", { shape: [vectors.length / d, d], data: vectors }],
    ...stringTensors("terms", embedding.terms),
    ["term_idf", { shape: [idf.length], data: idf }],
    ["term_map", { shape: [idf.length, d], data: termMap }],
    ["intercept", { shape: [d], data: intercept }],
  ]);
  if (foldIn !== undefined) tensors.set("fold_in", { shape: [d, d], data: foldIn });
  return { hyperparameters: { method }, tensors, spaceId: spaceIdOf(method, d, tensors) };
}

/** `sp-<method>-<dimensions>-<first 12 hex digits of the SHA-256 of its tensors>`. */
function spaceIdOf(
  method: string,
  dimensions: number,
  tensors: ReadonlyMap<string, ModelTensor>,
): string {
  const hash = createHash("sha256");
  for (const [name, { shape, data }] of tensors) {
    hash.update(`${name}[${shape.join()}]`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return `sp-${method}-${dimensions}-${hash.digest("hex").slice(0, 12)}`;
}

/**
 * The embedding of an artefact whose bytes were verified: views, nothing copied.
 * @throws EmbeddingError TENSORS_INVALID.
 */
export function decodeEmbedding({ metadata, tensors }: ModelView): NamedEmbedding {
  const { method } = metadata.hyperparameters;
  const { embedding_space: spaceId } = metadata;
  if (typeof method !== "string" || !METHODS.includes(method)) throw invalid("method");
  if (spaceId === undefined || !/^[!-~]{1,100}$/.test(spaceId)) throw invalid("embedding_space");
  const items = stringTable(tensors, "item_ids");
  const terms = stringTable(tensors, "terms");
  const [n, t] = [items.offsets.length - 1, terms.offsets.length - 1];
  const d = tensors.get("item_vectors")?.shape[1] ?? 0;
  if (d < 2 || d > 4_096) throw invalid("item_vectors");
  const of = (name: string, shape: readonly number[]) => tensor(tensors, name, Float32Array, shape);
  return {
    spaceId,
    method: method as EmbeddingMethod,
    dimensions: d,
    items,
    vectors: of("item_vectors", [n, d]),
    terms,
    idf: of("term_idf", [t]),
    termMap: of("term_map", [t, d]),
    intercept: of("intercept", [d]),
    ...(tensors.has("fold_in") ? { foldIn: of("fold_in", [d, d]) } : {}),
  };
}

function invalid(what: string): EmbeddingError {
  return new EmbeddingError("TENSORS_INVALID", `${what} is not that of an embedding`);
}

type Tensors = ModelView["tensors"];

function tensor<T extends ModelTensorData>(
  tensors: Tensors,
  name: string,
  type: { new (length: number): T },
  shape: readonly (number | undefined)[],
): T {
  const found = tensors.get(name);
  if (found === undefined || !(found.data instanceof type)) throw invalid(name);
  const fits =
    found.shape.length === shape.length &&
    shape.every((size, axis) => size === undefined || size === found.shape[axis]);
  if (!fits) throw invalid(name);
  return found.data;
}

function stringTensors(name: string, { bytes, offsets }: StringTable): [string, ModelTensor][] {
  return [
    [`${name}.bytes`, { shape: [bytes.length], data: bytes }],
    [`${name}.offsets`, { shape: [offsets.length], data: offsets }],
  ];
}

function stringTable(tensors: Tensors, name: string): StringTable {
  const bytes = tensor(tensors, `${name}.bytes`, Uint8Array, [undefined]);
  const offsets = tensor(tensors, `${name}.offsets`, Uint32Array, [undefined]);
  if (offsets.length === 0 || offsets.at(-1) !== bytes.length) throw invalid(name);
  return { bytes, offsets };
}
