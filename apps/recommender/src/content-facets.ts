import { setImmediate as breathe } from "node:timers/promises";

import type { ContentFacets } from "@signalpath/contracts";
import { compareCodePoints, type ContentItem } from "@signalpath/domain";
import type { ContentStore } from "@signalpath/ports";
import { LRUCache } from "lru-cache";

/** Items read at a time, and at most. */
const PAGE = 500;
const MAX_ITEMS = 100_000;
/** Labels told a facet. */
const MAX_LABELS = 100;
/** Projects whose counts are kept. */
const KEPT = 100;

type Labels = Map<string, number>;

/**
 * Tags of the whole catalogue, counted once a catalogue version and in steps, so that requests in
 * between are answered.
 */
export function createContentFacets(deps: {
  content: Pick<ContentStore, "list">;
  version: (projectId: number) => number;
}) {
  const kept = new LRUCache<number, { version: number; counted: Promise<ContentFacets> }>({
    max: KEPT,
  });

  async function count(projectId: number): Promise<ContentFacets> {
    const facets = new Map<string, Labels>();
    let items = 0;
    let cursor: string | undefined;
    do {
      const page = await deps.content.list(projectId, {
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const item of page.items) addTags(facets, item);
      items += page.items.length;
      cursor = page.next;
      await breathe();
    } while (cursor !== undefined && items < MAX_ITEMS);
    const shown = [...facets].sort(([a], [b]) => compareCodePoints(a, b));
    return {
      items,
      complete: cursor === undefined,
      facets: shown.map(([facet, labels]) => ({ facet, ...heaviest(labels) })),
    };
  }

  /** @throws what the store throws. */
  return (projectId: number): Promise<ContentFacets> => {
    const version = deps.version(projectId);
    const known = kept.get(projectId);
    if (known?.version === version) return known.counted;
    const counted = count(projectId);
    const entry = { version, counted };
    kept.set(projectId, entry);
    counted.catch(() => {
      if (kept.get(projectId) === entry) kept.delete(projectId);
    });
    return counted;
  };
}

/** An item counts once a label, however often it carries it. */
function addTags(facets: Map<string, Labels>, { tags }: ContentItem): void {
  const seen = new Set<string>();
  for (const { facet, label } of tags) {
    const both = JSON.stringify([facet, label]);
    if (seen.has(both)) continue;
    seen.add(both);
    const labels = facets.get(facet) ?? new Map<string, number>();
    labels.set(label, (labels.get(label) ?? 0) + 1);
    facets.set(facet, labels);
  }
}

function heaviest(all: Labels) {
  const labels = [...all]
    .sort((a, b) => b[1] - a[1] || compareCodePoints(a[0], b[0]))
    .slice(0, MAX_LABELS)
    .map(([label, items]) => ({ label, items }));
  return { labels, more: all.size - labels.length };
}
