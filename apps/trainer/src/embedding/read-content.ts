import type { ContentItem } from "@signalpath/domain";
import type { Catalogue } from "@signalpath/ports";

const PAGE = 1_000;

/** Every item of a project that was not removed. @throws UnavailableError. */
export async function readContent(
  catalogue: Pick<Catalogue, "changes">,
  projectId: number,
): Promise<ContentItem[]> {
  const items = new Map<string, ContentItem>();
  let place: { after: number; afterItemId?: string } = { after: 0 };
  for (;;) {
    const rows = await catalogue.changes(projectId, { ...place, limit: PAGE });
    for (const { item, removed } of rows) {
      // A row that changed while pages were read comes again, newer.
      if (removed) items.delete(item.item_id);
      else items.set(item.item_id, item);
    }
    const last = rows.at(-1);
    if (last === undefined) return [...items.values()];
    place = { after: last.version, afterItemId: last.item.item_id };
  }
}
