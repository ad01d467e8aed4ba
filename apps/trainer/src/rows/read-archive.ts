import { createLikedItems, type ContentItem, type SignalEvent } from "@signalpath/domain";
import type { Archive, ArchiveReader, Catalogue, TrainingRow } from "@signalpath/ports";

/** People asked for at a time. */
const OWNERS = 500;
/** Catalogue items asked for at a time, and kept. */
const ITEMS = 500;
const KEPT_ITEMS = 50_000;

export interface ArchiveRows {
  rows: TrainingRow[];
  /** They are a device's that no user was ever linked to. */
  anonymous: boolean;
}

/**
 * Interactions of a project, person by person (all ids linked to one are one): items whose
 * engagement, folded over all touches as the user model folds them, is positive; its strength is
 * the weight, its newest touch the time. Bots, negatives and what was merely shown are left out.
 * Events that arrived after `untilMs` do not exist yet, so that a run reads the same rows whenever
 * it is done; what was erased since is gone.
 */
export async function* readArchive(
  stores: {
    archive: Pick<Archive, "eventsOf">;
    reader: Pick<ArchiveReader, "owners">;
    catalogue: Pick<Catalogue, "get">;
  },
  projectId: number,
  { untilMs, maxEvents }: { untilMs: number; maxEvents: number },
): AsyncGenerator<ArchiveRows> {
  const likedItems = createLikedItems();
  const content = createContent(stores.catalogue, projectId);
  let cursor: string | undefined;
  do {
    const page = await stores.reader.owners({
      projectId,
      limit: OWNERS,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { owner } of page.owners) {
      const all = await stores.archive.eventsOf(projectId, owner, { limit: maxEvents });
      const events = all.filter(({ received_at }) => Date.parse(received_at) <= untilMs);
      const name = nameOf(events);
      if (name === undefined) continue;
      await content.load(events);
      const rows = likedItems(events, content.of).map(({ itemId, strength, lastMs }) => ({
        user_id: name.id,
        item_id: itemId,
        weight: strength,
        time: lastMs,
      }));
      if (rows.length > 0) yield { rows, anonymous: name.anonymous };
    }
    cursor = page.next;
  } while (cursor !== undefined);
}

/** What predictions will ask by: the newest user id, else the newest device. Events: newest first. */
function nameOf(events: readonly SignalEvent[]): { id: string; anonymous: boolean } | undefined {
  const user = events.find(({ user_id }) => user_id !== undefined)?.user_id;
  if (user !== undefined) return { id: user, anonymous: false };
  const device = events.find(({ anonymous_id }) => anonymous_id !== undefined)?.anonymous_id;
  return device === undefined ? undefined : { id: device, anonymous: true };
}

/** Catalogue items as they are now; an item's length decides what a dwell time means. */
function createContent(catalogue: Pick<Catalogue, "get">, projectId: number) {
  const kept = new Map<string, ContentItem | undefined>();
  return {
    of: (itemId: string) => kept.get(itemId),
    async load(events: readonly SignalEvent[]): Promise<void> {
      if (kept.size > KEPT_ITEMS) kept.clear();
      const named = new Set(events.flatMap(({ item_id }) => item_id ?? []));
      const missing = [...named].filter((id) => !kept.has(id));
      for (let at = 0; at < missing.length; at += ITEMS) {
        const ids = missing.slice(at, at + ITEMS);
        for (const id of ids) kept.set(id, undefined);
        for (const item of await catalogue.get(projectId, ids)) kept.set(item.item_id, item);
      }
    },
  };
}
