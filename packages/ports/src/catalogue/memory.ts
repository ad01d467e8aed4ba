import { compareCodePoints, type ContentItem } from "@signalpath/domain";

import { RefusedError } from "../errors.ts";
import { assertStorableItem, canonicalJson } from "./storable.ts";
import type { Catalogue, CatalogueRow } from "./port.ts";

/** Most rows one read answers. */
const PAGE = 2_000;

interface MemoryCatalogue {
  version: number;
  rows: Map<string, CatalogueRow>;
}

/** Keeps the catalogue in the process. */
export function createMemoryCatalogue(): Catalogue {
  const projects = new Map<number, MemoryCatalogue>();
  const projectOf = (id: number): MemoryCatalogue =>
    projects.get(id) ?? { version: 0, rows: new Map() };
  return {
    put: async (projectId, items) => {
      for (const item of items) assertStorableItem(item);
      const { version, rows } = projectOf(projectId);
      const wanted = new Map(items.map((item) => [item.item_id, plain(item)]));
      const next = new Map(rows);
      const upserted: string[] = [];
      for (const [id, item] of wanted) {
        const row = rows.get(id);
        if (row !== undefined && !row.removed && canonicalJson(row.item) === canonicalJson(item)) {
          continue;
        }
        upserted.push(id);
        next.set(id, { item, version: version + 1, removed: false });
      }
      assertOneLength(next.values());
      const reached = upserted.length > 0 ? version + 1 : version;
      if (upserted.length > 0) projects.set(projectId, { version: reached, rows: next });
      return { upserted, unchanged: wanted.size - upserted.length, version: reached };
    },
    remove: async (projectId, itemIds) => {
      const project = projectOf(projectId);
      const removed = [...new Set(itemIds)].filter((id) => project.rows.get(id)?.removed === false);
      if (removed.length === 0) return { removed, version: project.version };
      project.version++;
      for (const id of removed) {
        const row = project.rows.get(id);
        if (row !== undefined)
          project.rows.set(id, { ...row, version: project.version, removed: true });
      }
      return { removed, version: project.version };
    },
    get: async (projectId, itemIds) => {
      const { rows } = projectOf(projectId);
      return [...new Set(itemIds)].flatMap((id) => {
        const row = rows.get(id);
        return row === undefined || row.removed ? [] : [structuredClone(row.item)];
      });
    },
    changes: async (projectId, { after, afterItemId, limit }) =>
      [...projectOf(projectId).rows.values()]
        .filter(
          ({ item, version }) =>
            version > after ||
            (afterItemId !== undefined &&
              version === after &&
              compareCodePoints(item.item_id, afterItemId) > 0),
        )
        .sort((a, b) => a.version - b.version || compareCodePoints(a.item.item_id, b.item.item_id))
        .slice(0, Math.min(limit, PAGE))
        .map((row) => structuredClone(row)),
    version: async (projectId) => projectOf(projectId).version,
    check: async () => {},
  };
}

/** The item as it comes back from a table: absent and undefined are one. */
function plain(item: ContentItem): ContentItem {
  return JSON.parse(JSON.stringify(item)) as ContentItem;
}

function assertOneLength(rows: Iterable<CatalogueRow>): void {
  const lengths = new Set<number>();
  for (const { item, removed } of rows) {
    if (!removed && item.vector !== undefined) lengths.add(item.vector.length);
  }
  if (lengths.size > 1) throw new RefusedError("vectors of one project must have one length");
}
