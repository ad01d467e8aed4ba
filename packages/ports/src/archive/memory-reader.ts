import { compareCodePoints, compareEvents, shapesModel, type UserKey } from "@signalpath/domain";

import {
  keysOf,
  projectOf,
  rootOf,
  rowsOf,
  type MemoryArchiveState,
  type MemoryRow,
} from "./memory-state.ts";
import { ownerCursor, parseOwnerCursor } from "./owner-cursor.ts";
import type { ArchiveReader, Owner, TouchedOwner } from "./reader.ts";

/** Most rows one read answers. */
const PAGE = 2_000;

export function createMemoryArchiveReader(state: MemoryArchiveState): ArchiveReader {
  return {
    owners: async ({ projectId, cursor, limit = PAGE }) => {
      const after = cursor === undefined ? undefined : parseOwnerCursor(cursor);
      const left = ownersWhere(state, () => true)
        .filter((owner) => projectId === undefined || owner.projectId === projectId)
        .filter((owner) => after === undefined || compareOwners(owner, after) > 0);
      const owners = left.slice(0, Math.min(limit, PAGE)).map((owner) => withKeys(state, owner));
      const last = owners.at(-1);
      const next =
        left.length > owners.length && last !== undefined ? ownerCursor(last) : undefined;
      return { owners, next };
    },
    keysOf: async (projectId, owner) => sortedKeys(state, projectId, owner),
    touchedSince: async (sinceMs) => touchedSince(state, sinceMs),
    ownersTouching: async (projectId, itemIds, sinceMs) => {
      const wanted = new Set(itemIds);
      return ownersWhere(
        state,
        ({ event }) =>
          event.project_id === projectId &&
          event.item_id !== undefined &&
          wanted.has(event.item_id) &&
          Date.parse(event.occurred_at) >= sinceMs,
      );
    },
    log: async ({ after, limit }) =>
      state.log
        .slice(firstAfter(state.log, after), firstAfter(state.log, after) + Math.min(limit, PAGE))
        .map((row) => ({ sequence: row.sequence, event: row.event, owner: ownerOf(state, row) })),
    offset: async (consumer) => state.offsets.get(consumer) ?? 0,
    saveOffset: async (consumer, sequence) => {
      state.offsets.set(consumer, Math.max(sequence, state.offsets.get(consumer) ?? 0));
    },
  };
}

function ownerOf(state: MemoryArchiveState, row: MemoryRow): UserKey {
  const project = state.projects.get(row.event.project_id);
  return project === undefined ? row.subject : rootOf(project, row.subject);
}

/** First place in the log (ascending) with a sequence above `after`. */
function firstAfter(log: readonly MemoryRow[], after: number): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((log[middle]?.sequence ?? Infinity) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

type OwnerPlace = Pick<Owner, "projectId" | "owner">;

function compareOwners(a: OwnerPlace, b: OwnerPlace): number {
  return a.projectId - b.projectId || compareCodePoints(a.owner, b.owner);
}

/** Owners of the rows that pass, each once, in the order of their keys. */
function ownersWhere(state: MemoryArchiveState, passes: (row: MemoryRow) => boolean): Owner[] {
  const named = new Map<string, Owner & { newest: MemoryRow["event"] }>();
  const chosen = new Set<string>();
  for (const row of state.log) {
    const { event } = row;
    const owner = ownerOf(state, row);
    const place = `${event.project_id}/${owner}`;
    if (passes(row)) chosen.add(place);
    const current = named.get(place);
    if (current !== undefined && !namesBetter(event, current.newest)) continue;
    const userId = event.user_id ?? event.anonymous_id ?? "";
    named.set(place, { projectId: event.project_id, owner, userId, newest: event });
  }
  return [...named]
    .filter(([place]) => chosen.has(place))
    .map(([, { projectId, owner, userId }]) => ({ projectId, owner, userId }))
    .sort(compareOwners);
}

/** A user id is a better name than an anonymous id, a newer one better than an older one. */
function namesBetter(event: MemoryRow["event"], than: MemoryRow["event"]): boolean {
  const hasUser = event.user_id !== undefined;
  if (hasUser !== (than.user_id !== undefined)) return hasUser;
  return compareEvents(event, than) > 0;
}

function touchedSince(state: MemoryArchiveState, sinceMs: number): TouchedOwner[] {
  const owners = new Map<string, Owner>();
  for (const owner of ownersWhere(
    state,
    ({ archivedAt, event }) => archivedAt >= sinceMs && shapesModel(event),
  )) {
    owners.set(`${owner.projectId}/${owner.owner}`, owner);
  }
  for (const [projectId, project] of state.projects) {
    const keys: UserKey[] = [];
    for (const link of project.links.values()) if (link.linkedAt >= sinceMs) keys.push(link.from);
    for (const [key, at] of project.tombstones) if (at >= sinceMs) keys.push(key);
    for (const key of keys) {
      const owner = rootOf(project, key);
      const place = `${projectId}/${owner}`;
      if (owners.has(place)) continue;
      const rows = rowsOf(project, owner);
      const named = rows.find(({ event }) => event.user_id !== undefined) ?? rows[0];
      const userId = named?.event.user_id ?? named?.event.anonymous_id ?? "";
      owners.set(place, { projectId, owner, userId });
    }
  }
  return [...owners.values()].sort(compareOwners).map((person) => withKeys(state, person));
}

function withKeys(state: MemoryArchiveState, person: Owner): TouchedOwner {
  return { ...person, keys: sortedKeys(state, person.projectId, person.owner) };
}

function sortedKeys(state: MemoryArchiveState, projectId: number, owner: UserKey): UserKey[] {
  const [own, ...linked] = keysOf(projectOf(state, projectId), owner);
  return [own as UserKey, ...linked.sort(compareCodePoints)];
}
