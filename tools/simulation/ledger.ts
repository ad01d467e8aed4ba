import {
  compareEvents,
  proposedLinks,
  shapesModel,
  subjectKey,
  type Sha256,
  type SignalEvent,
  type UserKey,
} from "@signalpath/domain";
import { RETENTION_MS } from "@signalpath/contracts";
import type {
  Archive,
  ArchiveReader,
  ErasureResult,
  Owner,
  PutBatchResult,
} from "@signalpath/ports";

/** Rules of the archive transaction; a mutant leaves one out. */
export interface LedgerRules {
  tombstones: boolean;
  erasedIds: boolean;
  firstLinkWins: boolean;
  circles: boolean;
}

export const ALL_RULES: LedgerRules = {
  tombstones: true,
  erasedIds: true,
  firstLinkWins: true,
  circles: true,
};

interface Row {
  event: SignalEvent;
  subject: UserKey;
  atMs: number;
  /** Place in the order of insertion, from 1. */
  sequence: number;
}

/** Longest chain of links followed; only a ledger without its circle rule has longer ones. */
const MAX_HOPS = 8;

/**
 * The archive's rules once more, in the plainest form: what one ordered run would store. It is told
 * every transaction in the order in which they were committed.
 */
export interface Ledger {
  rows: ReadonlyMap<string, Row>;
  /** Ids of events that a tombstone or an erased id kept out, or an erasure removed. */
  refused: ReadonlySet<string>;
  tombstones: ReadonlyMap<UserKey, number>;
  /** Rows ever inserted. */
  inserted(): number;
  rootOf(key: UserKey): UserKey;
  /** All of a person's keys. */
  group(root: UserKey): UserKey[];
  /** Events that shape a person's model, newest first. */
  eventsOf(root: UserKey): SignalEvent[];
  put(events: readonly SignalEvent[]): void;
  erase(key: UserKey, atMs: number): UserKey[];
  /** The same rules as the updater's port, for runs with a rule left out. */
  archive: Pick<Archive, "put" | "known" | "resolve" | "eventsOf" | "erase">;
  reader: Pick<ArchiveReader, "touchedSince" | "ownersTouching">;
}

export function createLedger(
  sha256: Sha256,
  now: () => number,
  keys: readonly UserKey[],
  rules: LedgerRules = ALL_RULES,
): Ledger {
  const rows = new Map<string, Row>();
  const refused = new Set<string>();
  const tombstones = new Map<UserKey, number>();
  const erasedIds = new Map<string, number>();
  let sequence = 0;
  const links = new Map<UserKey, { to: UserKey; atMs: number }>();

  function rootOf(key: UserKey): UserKey {
    let at = key;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const link = links.get(at);
      if (link === undefined) return at;
      at = link.to;
    }
    return at;
  }
  const group = (root: UserKey) => keys.filter((key) => rootOf(key) === root);
  const rowsOf = (root: UserKey) => {
    const own = new Set(group(root));
    return [...rows.values()].filter(({ subject }) => own.has(subject));
  };
  const eventsOf = (root: UserKey) =>
    rowsOf(root)
      .map(({ event }) => event)
      .filter(shapesModel)
      .sort((a, b) => compareEvents(b, a));

  function isErased(event: SignalEvent, subject: UserKey): boolean {
    if (rules.erasedIds && (erasedIds.get(event.event_id) ?? 0) > now()) return true;
    if (!rules.tombstones) return false;
    const at = Date.parse(event.occurred_at);
    return [subject, rootOf(subject)].some((key) => at <= (tombstones.get(key) ?? -Infinity));
  }

  function link(event: SignalEvent): void {
    for (const { from, to } of proposedLinks(sha256, event)) {
      if (rules.firstLinkWins && links.has(from)) continue;
      const root = rootOf(to);
      if (root === from && (rules.circles || to === from)) continue;
      links.set(from, { to: rules.circles ? root : to, atMs: now() });
    }
  }

  function put(events: readonly SignalEvent[]): boolean[] {
    const inserted: SignalEvent[] = [];
    const kept = events.map((event) => {
      const subject = subjectKey(sha256, event) as UserKey;
      if (isErased(event, subject)) {
        refused.add(event.event_id);
        return false;
      }
      if (rows.has(event.event_id)) return true;
      const copy = JSON.parse(JSON.stringify(event)) as SignalEvent;
      rows.set(event.event_id, { event: copy, subject, atMs: now(), sequence: ++sequence });
      inserted.push(copy);
      return true;
    });
    for (const event of inserted) link(event);
    return kept;
  }

  function erase(key: UserKey, atMs: number): UserKey[] {
    const root = rootOf(key);
    for (const { event } of rowsOf(root)) {
      rows.delete(event.event_id);
      refused.add(event.event_id);
      erasedIds.set(event.event_id, atMs + RETENTION_MS);
    }
    for (const each of group(root)) {
      tombstones.set(each, Math.max(atMs, tombstones.get(each) ?? atMs));
    }
    return group(root);
  }

  const owners = (wanted: (row: Row) => boolean): Owner[] =>
    keys
      .filter((key) => rootOf(key) === key && rowsOf(key).some(wanted))
      .map((owner) => ({ projectId: 1, owner, userId: nameIn(rowsOf(owner)) }));

  return {
    rows,
    refused,
    tombstones,
    inserted: () => sequence,
    rootOf,
    group,
    eventsOf,
    put: (events) => void put(events),
    erase,
    archive: {
      async put(events): Promise<PutBatchResult> {
        const before = new Set(rows.keys());
        const kept = put(events);
        const results = events.map((event, index): PutBatchResult["results"][number] => {
          const row = rows.get(event.event_id);
          if (row === undefined || kept[index] !== true) return { status: "erased" };
          const status = before.has(event.event_id) ? "stored" : "inserted";
          return { status, event: row.event, owner: rootOf(row.subject) };
        });
        const copies = results.flatMap((result) => ("event" in result ? [result.event] : []));
        const named = new Set(
          [...events, ...copies].flatMap((event) => [
            subjectKey(sha256, event) as UserKey,
            ...proposedLinks(sha256, event).flatMap(({ from, to }) => [from, to]),
          ]),
        );
        const held = [...named].filter((key) => links.has(key));
        return {
          results,
          links: held.map((from) => ({ projectId: 1, from, to: rootOf(from) })),
          circles: 0,
        };
      },
      known: async (_projectId, ids) => new Set(ids.filter((id) => rows.has(id))),
      resolve: async (_projectId, key) => rootOf(key),
      eventsOf: async (_projectId, owner, { limit }) => eventsOf(owner).slice(0, limit),
      async erase(_projectId, key, atMs): Promise<ErasureResult> {
        const erased = erase(key, atMs);
        const removed = { archive: 0, dead_letters: 0, experiments: 0 };
        return { keys: erased, ids: [], erasedAt: new Date(atMs).toISOString(), removed };
      },
    },
    reader: {
      async touchedSince(sinceMs) {
        const touched = new Set(
          owners(({ atMs, event }) => atMs >= sinceMs && shapesModel(event)).map(
            ({ owner }) => owner,
          ),
        );
        for (const [from, { atMs }] of links) if (atMs >= sinceMs) touched.add(rootOf(from));
        for (const [key, atMs] of tombstones) if (atMs >= sinceMs) touched.add(rootOf(key));
        return [...touched].map((owner) => ({
          projectId: 1,
          owner,
          userId: nameIn(rowsOf(owner)),
          keys: [owner, ...group(owner).filter((key) => key !== owner)],
        }));
      },
      ownersTouching: async (_projectId, itemIds, sinceMs) =>
        owners(
          ({ event }) =>
            itemIds.includes(event.item_id ?? "") && Date.parse(event.occurred_at) >= sinceMs,
        ),
    },
  };
}

function nameIn(rows: readonly Row[]): string {
  const { user_id, anonymous_id } = rows[0]?.event ?? {};
  return user_id ?? anonymous_id ?? "";
}
