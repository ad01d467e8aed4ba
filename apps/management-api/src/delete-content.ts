import type { deleteContentResponse } from "@signalpath/contracts";
import type { Catalogue } from "@signalpath/ports";
import type { HeaderValues } from "@signalpath/service-kit";
import type { z } from "zod";

import type { Announce } from "./announce.ts";
import { announceContent } from "./announce-content.ts";

export type DeleteContentBody = z.output<typeof deleteContentResponse>;

/** Takes an item out of the catalogue; one that is not there is no error. @throws UnavailableError. */
export function createDeleteContent(catalogue: Pick<Catalogue, "remove">, announce: Announce) {
  return async (
    projectId: number,
    itemId: string,
    traceHeaders?: HeaderValues,
  ): Promise<{ body: DeleteContentBody; announced: boolean }> => {
    const { removed, version } = await catalogue.remove(projectId, [itemId]);
    const announced = await announceContent(announce, {
      projectId,
      version,
      upserted: [],
      removed,
      traceHeaders,
    });
    return { body: { item_id: itemId, removed: removed.length > 0 }, announced };
  };
}
