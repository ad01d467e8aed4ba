import { randomBytes } from "node:crypto";

import { contentStoreContract } from "@signalpath/ports/contract-suites";
import { afterAll, beforeAll, describe } from "vitest";

import { describeWithQdrant } from "@signalpath/real-servers/qdrant.ts";
import { openQdrant } from "./client.ts";
import { createQdrantContentStore } from "./content-store.ts";
import { startQdrantDouble, type QdrantDouble } from "./testing/qdrant-double.ts";

describe("Qdrant content store [double of the REST interface]", () => {
  let double: QdrantDouble;
  beforeAll(async () => {
    double = await startQdrantDouble();
  });
  afterAll(() => double.close());
  contentStoreContract(async () => makeOn(double.url));
});

describeWithQdrant("Qdrant content store", (url) => {
  const prefix = `test_${randomBytes(6).toString("hex")}`;
  afterAll(async () => {
    const client = openQdrant(url, { timeoutMs: 30_000 });
    for (const { name } of (await client.getCollections()).collections) {
      if (name.startsWith(prefix)) await client.deleteCollection(name);
    }
  });
  contentStoreContract(async () => makeOn(url, prefix));
});

/** A store of its own on a shared server. */
function makeOn(url: string, prefix = "test") {
  const client = openQdrant(url, { timeoutMs: 30_000 });
  const collection = `${prefix}_${randomBytes(6).toString("hex")}`;
  return createQdrantContentStore(client, { collection });
}
