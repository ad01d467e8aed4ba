export { openQdrant, type OpenQdrantOptions, type QdrantClient } from "./client.ts";
export { createQdrantContentStore, type QdrantContentStoreOptions } from "./content-store.ts";
