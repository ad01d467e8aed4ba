import type { Schemas } from "@qdrant/js-client-rest";
import { UnavailableError } from "@signalpath/ports";

import { ask, statusOf, type QdrantClient } from "./client.ts";
import { ID_KEYS } from "./payload.ts";

/** Name of the sparse vector that holds an item's tags. */
export const TAGS = "tags";

type Indexes = Record<string, NonNullable<Schemas["PayloadFieldSchema"]>>;

const FACTS: Indexes = {
  project: { type: "keyword", is_tenant: true },
  tags: "keyword",
  hash: "integer",
  published_ms: "integer",
  expires_ms: "integer",
  place: "geo",
};
const ITEMS: Indexes = {
  ...FACTS,
  labels: "keyword",
  label_keys: "keyword",
  ...Object.fromEntries(ID_KEYS.map((key) => [key, "integer"] as const)),
};

/**
 * One collection of items, whole, with their tags as a sparse vector; and one a vector length with
 * the directions alone, because Qdrant fixes lengths when a collection is created. A point that is
 * in a vectors' collection and no longer in the items' is found by nothing.
 */
export interface Collections {
  items: string;
  /** Made if need be, once. @throws UnavailableError. */
  ready(): Promise<void>;
  /** Name of the vectors' collection of a length, made if need be. */
  vectorsOf(dimensions: number): Promise<string>;
  /** The same when it exists. */
  knownVectorsOf(dimensions: number): Promise<string | undefined>;
  /** Every vectors' collection there is. */
  allVectors(): Promise<string[]>;
  /** @throws UnavailableError when the collection of items is not there. */
  check(): Promise<void>;
}

export function createCollections(client: QdrantClient, name: string): Collections {
  const made = new Map<string, Promise<void>>();
  const vectorsName = (dimensions: number) => `${name}_${dimensions}`;

  /** Concurrent callers wait for one making; one that failed is tried again by the next caller. */
  function once(collection: string, make: () => Promise<void>): Promise<void> {
    const known = made.get(collection);
    if (known !== undefined) return known;
    const making = make().catch((error: unknown) => {
      made.delete(collection);
      throw error;
    });
    made.set(collection, making);
    return making;
  }
  const ready = () =>
    once(name, () => create(client, name, { vectors: {}, sparse_vectors: { [TAGS]: {} } }, ITEMS));

  return {
    items: name,
    ready,
    async vectorsOf(dimensions) {
      const collection = vectorsName(dimensions);
      // Searches are exact, so no graph is built (m = 0).
      const settings = {
        vectors: { size: dimensions, distance: "Cosine" as const },
        hnsw_config: { m: 0 },
      };
      await once(collection, () => create(client, collection, settings, FACTS));
      return collection;
    },
    async knownVectorsOf(dimensions) {
      const collection = vectorsName(dimensions);
      const making = made.get(collection);
      if (making !== undefined) {
        await making;
        return collection;
      }
      const { exists } = await ask(() => client.collectionExists(collection));
      if (!exists) return undefined;
      // Whoever made it may still be making its indexes.
      await this.vectorsOf(dimensions);
      return collection;
    },
    async allVectors() {
      const { collections } = await ask(() => client.getCollections());
      const names = collections.map((collection) => collection.name);
      return names.filter(
        (found) => found.startsWith(`${name}_`) && /^\d+$/.test(found.slice(name.length + 1)),
      );
    },
    async check() {
      await ready();
      const { exists } = await ask(() => client.collectionExists(name));
      if (!exists) throw new UnavailableError("qdrant", `collection ${name} is gone, restart`);
    },
  };
}

async function create(
  client: QdrantClient,
  name: string,
  settings: Parameters<QdrantClient["createCollection"]>[1],
  indexes: Indexes,
): Promise<void> {
  const { exists } = await ask(() => client.collectionExists(name));
  if (!exists) await ask(() => createUnlessThere(client, name, settings));
  const { payload_schema: present } = await ask(() => client.getCollection(name));
  for (const [field, schema] of Object.entries(indexes)) {
    if (Object.hasOwn(present, field)) continue;
    await ask(() =>
      client.createPayloadIndex(name, { field_name: field, field_schema: schema, wait: true }),
    );
  }
}

/** Two processes may start at once; the slower one is told of a conflict. */
async function createUnlessThere(
  client: QdrantClient,
  name: string,
  settings: Parameters<QdrantClient["createCollection"]>[1],
): Promise<void> {
  try {
    await client.createCollection(name, settings);
  } catch (error) {
    const status = statusOf(error);
    if (status !== 409 && status !== 400) throw error;
    if (!(await client.collectionExists(name)).exists) throw error;
  }
}
