import { ServiceError } from "@signalpath/contracts";
import type { ContentItem } from "@signalpath/domain";
import type { ContentStore } from "@signalpath/ports";

/** One item as it is recommended. @throws ServiceError ITEM_NOT_FOUND. */
export function createGetContent(content: Pick<ContentStore, "get">) {
  return async (projectId: number, itemId: string): Promise<ContentItem> => {
    const [item] = await content.get(projectId, [itemId]);
    if (item === undefined) throw new ServiceError("ITEM_NOT_FOUND", "no such item");
    return item;
  };
}
