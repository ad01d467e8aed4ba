import type { Sha256, SignalEvent } from "@signalpath/domain";
import type { Clock, IdentityLink, PutBatchResult, PutResult } from "@signalpath/ports";

import type { Db, Tx } from "../db.ts";
import { transact } from "../guard.ts";
import { lockForArchiving } from "../locks.ts";
import { remembered, toEntry, type Entry } from "./entries.ts";
import { insertEvents, readCopies, type StoredCopy } from "./insert-events.ts";
import { linkIdentities } from "./link-identities.ts";
import { raiseItemHours } from "./raise-item-hours.ts";
import { readErased } from "./read-erased.ts";
import { nameKeys, readRoots, rootOf, type NamedKeys, type Roots } from "./roots.ts";

/**
 * The transaction that decides what happened (`Archive.put`). Locks are taken in one order
 * everywhere: project, log, event rows by id, links, item hours by key.
 */
export async function putBatch(
  db: Db,
  options: { sha256: Sha256; now: Clock },
  given: readonly SignalEvent[],
): Promise<PutBatchResult> {
  if (given.length === 0) return { results: [], links: [], circles: 0 };
  const context = { sha256: remembered(options.sha256), now: options.now };
  const entries = given.map((event) => toEntry(context.sha256, event));
  return transact(db, (tx) => decide(tx, context, entries));
}

async function decide(
  tx: Tx,
  { sha256, now }: { sha256: Sha256; now: Clock },
  entries: readonly Entry[],
): Promise<PutBatchResult> {
  await lockForArchiving(
    tx,
    entries.map(({ event }) => event.project_id),
  );
  const nowMs = now();
  const erased = await readErased(tx, entries, nowMs);
  const first = new Map<string, Entry>();
  for (const [index, entry] of entries.entries()) {
    if (!erased.has(index) && !first.has(entry.place)) first.set(entry.place, entry);
  }
  const inserted = await insertEvents(tx, [...first.values()], nowMs);
  const isNew = (entry: Entry): boolean => inserted.has(entry.place);
  const copies = await readCopies(
    tx,
    [...first.values()].filter((entry) => !isNew(entry)),
  );
  const fresh = [...first.values()].filter(isNew);
  // The event as its row gives it back: absent and undefined are one.
  for (const { place, payload, subject } of fresh) {
    copies.set(place, { event: JSON.parse(payload) as SignalEvent, subject });
  }

  const named = nameKeys(
    sha256,
    entries.map(({ event }) => event),
  );
  nameKeys(
    sha256,
    [...copies.values()].map(({ event }) => event),
    named,
  );
  const before = await readRoots(tx, named);
  const { roots, circles } = await linkIdentities(
    tx,
    { sha256, nowMs, named, roots: before },
    fresh,
  );
  await raiseItemHours(
    tx,
    fresh.map(({ event }) => event),
  );
  const results = entries.map((entry, index): PutResult => {
    if (erased.has(index)) return { status: "erased" };
    const { event, subject } = copies.get(entry.place) as StoredCopy;
    const status = isNew(entry) && first.get(entry.place) === entry ? "inserted" : "stored";
    return { status, event, owner: rootOf(roots, event.project_id, subject) };
  });
  return { results, links: holdingLinks(named, roots), circles };
}

function holdingLinks(named: NamedKeys, roots: Roots): IdentityLink[] {
  const links: IdentityLink[] = [];
  for (const [projectId, keys] of named) {
    for (const from of keys) {
      const to = roots.get(projectId)?.get(from);
      if (to !== undefined) links.push({ projectId, from, to });
    }
  }
  return links;
}
