import { ServiceError, type putContentResponse } from "@signalpath/contracts";
import type { ContentItem } from "@signalpath/domain";
import { RefusedError, type Catalogue } from "@signalpath/ports";
import type { HeaderValues } from "@signalpath/service-kit";
import type { z } from "zod";

import type { Announce } from "./announce.ts";
import { announceContent } from "./announce-content.ts";

export type PutContentBody = z.output<typeof putContentResponse>;

/**
 * Stores items as one transaction, then tells who keeps an index.
 * @throws ServiceError VECTOR_DIMENSIONS; RefusedError for text no table takes; UnavailableError.
 */
export function createPutContent(catalogue: Pick<Catalogue, "put">, announce: Announce) {
  return async (
    projectId: number,
    items: readonly ContentItem[],
    traceHeaders?: HeaderValues,
  ): Promise<{ body: PutContentBody; announced: boolean }> => {
    assertOneLength(items);
    const { upserted, unchanged, version } = await put(catalogue, projectId, items);
    const announced = await announceContent(announce, {
      projectId,
      version,
      upserted,
      removed: [],
      traceHeaders,
    });
    return { body: { upserted: upserted.length, unchanged, version }, announced };
  };
}

function assertOneLength(items: readonly ContentItem[]): void {
  const lengths = new Set(items.flatMap(({ vector }) => (vector ? [vector.length] : [])));
  if (lengths.size <= 1) return;
  const found = [...lengths].sort((a, b) => a - b).join(", ");
  throw new ServiceError(
    "VECTOR_DIMENSIONS",
    `vectors of one project have one length, got ${found}`,
  );
}

/** The store's refusal of a vector has its own code. */
async function put(
  catalogue: Pick<Catalogue, "put">,
  projectId: number,
  items: readonly ContentItem[],
): ReturnType<Catalogue["put"]> {
  try {
    return await catalogue.put(projectId, items);
  } catch (error) {
    if (error instanceof RefusedError && error.message.includes("vector")) {
      throw new ServiceError("VECTOR_DIMENSIONS", error.message, { cause: error });
    }
    throw error;
  }
}
