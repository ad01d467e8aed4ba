import type { contentPage, contentQuery } from "@signalpath/contracts";
import { foldTagText } from "@signalpath/domain";
import type { ContentStore } from "@signalpath/ports";
import type { z } from "zod";

export type ContentPageBody = z.output<typeof contentPage>;
type Query = z.output<typeof contentQuery>;

/** The catalogue as it is recommended, a page at a time, by item id. */
export function createListContent(content: Pick<ContentStore, "list">) {
  return async (projectId: number, query: Query): Promise<ContentPageBody> => {
    const page = await content.list(projectId, {
      limit: query.limit,
      ...(query.query === undefined ? {} : { query: query.query }),
      ...(query.tag === undefined ? {} : { tag: foldTagText(query.tag) }),
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
    });
    return { items: page.items, next: page.next ?? null };
  };
}
