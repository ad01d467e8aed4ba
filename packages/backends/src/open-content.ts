import { createMemoryContentStore } from "@signalpath/ports";

import {
  createFallbackContentStore,
  type FallbackContentStore,
} from "./content/fallback-content-store.ts";
import type { Opening } from "./opening.ts";

/** Settings that choose the content store. The in-process index is a choice, also in production. */
export interface ContentSettings {
  QDRANT_URL?: string | undefined;
  QDRANT_API_KEY?: string | undefined;
}

/** A search slower than this is answered by the in-process index, milliseconds. */
const TIMEOUT_MS = 1_000;

/**
 * Opens content in Qdrant at QDRANT_URL with the in-process index behind it, else that index alone.
 * Nothing is sent yet: a server that is down is a degradation, not a failed start.
 * @throws TypeError for a QDRANT_URL that is none.
 */
export async function openContent(
  settings: ContentSettings,
  opening: Opening,
): Promise<FallbackContentStore> {
  const { QDRANT_URL: url, QDRANT_API_KEY: apiKey } = settings;
  const index = createMemoryContentStore();
  if (url === undefined) {
    return { ...index, degraded: () => false, close: async () => undefined };
  }
  // Its client is loaded by those that use it.
  const { createQdrantContentStore, openQdrant } = await import("@signalpath/adapter-qdrant");
  const options = { timeoutMs: TIMEOUT_MS };
  const client = openQdrant(url, apiKey === undefined ? options : { ...options, apiKey });
  const onCut = (search: string) =>
    opening.warn(`Qdrant: more equals in a ${search} search than candidates, some were cut`);
  return createFallbackContentStore(createQdrantContentStore(client, { onCut }), index, opening);
}
