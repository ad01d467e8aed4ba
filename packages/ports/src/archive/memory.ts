import {
  compareEvents,
  proposedLinks,
  shapesModel,
  subjectKey,
  type Sha256,
  type SignalEvent,
  type UserKey,
} from "@signalpath/domain";

import type { Clock } from "../clock/port.ts";
import type { MemoryExperimentEvents } from "../experiment-events/memory.ts";
import { countItemHours } from "../item-stats/event-class.ts";
import { createMemoryItemStats } from "../item-stats/memory.ts";
import type { ItemStats } from "../item-stats/port.ts";
import { decideLinks } from "./decide-links.ts";
import { createMemoryErasure } from "./memory-erasure.ts";
import { createMemoryArchiveReader } from "./memory-reader.ts";
import {
  addLink,
  createMemoryArchiveState,
  projectOf,
  rootOf,
  rowsOf,
  type MemoryArchiveState,
  type MemoryProject,
} from "./memory-state.ts";
import type { Archive, IdentityLink, PutBatchResult, PutResult } from "./port.ts";
import type { ArchiveReader } from "./reader.ts";
import { assertStorable } from "./storable.ts";

/** Most rows one read answers. */
const PAGE = 2_000;

export interface MemoryArchiveOptions {
  sha256: Sha256;
  now: Clock;
  /** Dead letters that an erasure reaches too. */
  deadLetters?: { eraseKeys(projectId: number, keys: readonly UserKey[]): number };
  /** Rows of experiments that an erasure reaches too. */
  experiments?: Pick<MemoryExperimentEvents, "eraseKeys"> | undefined;
}

/** The archive and the two views of it, over one state. */
export interface MemoryArchive {
  archive: Archive;
  reader: ArchiveReader;
  itemStats: ItemStats;
}

/** Keeps everything in the process: the rules of the archive in their plainest form. */
export function createMemoryArchive(options: MemoryArchiveOptions): MemoryArchive {
  const state = createMemoryArchiveState();
  const archive: Archive = {
    // No await inside: every call is one step, as the transaction is.
    put: async (events) => putBatch(state, options, events),
    known: async (projectId, eventIds) => {
      const { rows } = projectOf(state, projectId);
      return new Set(eventIds.filter((id) => rows.has(id)));
    },
    resolve: async (projectId, key) => rootOf(projectOf(state, projectId), key),
    eventsOf: async (projectId, owner, { limit, before }) =>
      rowsOf(projectOf(state, projectId), owner)
        .map((row) => row.event)
        .filter(shapesModel)
        .filter((event) => before === undefined || compareEvents(event, before) < 0)
        .slice(0, Math.min(limit, PAGE)),
    ...createMemoryErasure(state, options),
    check: async () => {},
  };
  return {
    archive,
    reader: createMemoryArchiveReader(state),
    itemStats: createMemoryItemStats(state),
  };
}

function putBatch(
  state: MemoryArchiveState,
  { sha256, now }: MemoryArchiveOptions,
  events: readonly SignalEvent[],
): PutBatchResult {
  for (const event of events) assertStorable(event);
  const inserted: SignalEvent[] = [];
  const statuses = events.map((event) => {
    const project = projectOf(state, event.project_id);
    const subject = subjectKey(sha256, event) as UserKey;
    if (isErased(project, subject, event, sha256, now())) return "erased";
    if (project.rows.has(event.event_id)) return "stored";
    // A copy as it would come back from a table: nobody's later change reaches it.
    const copy = JSON.parse(JSON.stringify(event)) as SignalEvent;
    const row = { sequence: ++state.lastSequence, event: copy, subject, archivedAt: now() };
    project.rows.set(copy.event_id, row);
    state.log.push(row);
    const siblings = project.bySubject.get(subject);
    if (siblings === undefined) project.bySubject.set(subject, [row]);
    else siblings.push(row);
    inserted.push(copy);
    return "inserted";
  });
  const circles = linkIdentities(state, sha256, now(), inserted);
  raiseItemHours(state, inserted);
  const results = events.map((event, index): PutResult => {
    const status = statuses[index];
    const project = projectOf(state, event.project_id);
    const row = project.rows.get(event.event_id);
    if (row === undefined || status === "erased" || status === undefined) {
      return { status: "erased" };
    }
    return { status, event: row.event, owner: rootOf(project, row.subject) };
  });
  const copies = results.flatMap((result) => (result.status === "erased" ? [] : [result.event]));
  return { results, links: namedLinks(state, sha256, [...events, ...copies]), circles };
}

function isErased(
  project: MemoryProject,
  subject: UserKey,
  event: SignalEvent,
  sha256: Sha256,
  nowMs: number,
): boolean {
  const until = project.erasedIds.get(sha256(event.event_id));
  if (until !== undefined && until > nowMs) return true;
  const occurredAt = Date.parse(event.occurred_at);
  return [subject, rootOf(project, subject)].some(
    (key) => occurredAt <= (project.tombstones.get(key) ?? Number.NEGATIVE_INFINITY),
  );
}

function linkIdentities(
  state: MemoryArchiveState,
  sha256: Sha256,
  linkedAt: number,
  inserted: readonly SignalEvent[],
): number {
  let circles = 0;
  for (const projectId of new Set(inserted.map((event) => event.project_id))) {
    const project = projectOf(state, projectId);
    const proposed = inserted
      .filter((event) => event.project_id === projectId)
      .flatMap((event) => proposedLinks(sha256, event));
    const roots = new Map<UserKey, UserKey>();
    for (const end of proposed.flatMap(({ from, to }) => [from, to])) {
      const link = project.links.get(end);
      if (link !== undefined) roots.set(end, link.root);
    }
    const decision = decideLinks(proposed, roots);
    circles += decision.circles;
    for (const { from, to } of decision.accepted) addLink(project, { from, to, linkedAt });
  }
  return circles;
}

function namedLinks(
  state: MemoryArchiveState,
  sha256: Sha256,
  events: readonly SignalEvent[],
): IdentityLink[] {
  const links = new Map<string, IdentityLink>();
  for (const event of events) {
    const project = projectOf(state, event.project_id);
    const named = proposedLinks(sha256, event).flatMap(({ from, to }) => [from, to]);
    for (const key of [subjectKey(sha256, event) as UserKey, ...named]) {
      const link = project.links.get(key);
      if (link === undefined) continue;
      const { project_id: projectId } = event;
      links.set(`${projectId}/${key}`, { projectId, from: key, to: link.root });
    }
  }
  return [...links.values()];
}

function raiseItemHours(state: MemoryArchiveState, inserted: readonly SignalEvent[]): void {
  for (const event of inserted) {
    const { itemHours } = projectOf(state, event.project_id);
    for (const row of countItemHours([event])) {
      const key = `${row.hour}/${row.event_class}/${row.item_id}`;
      const stored = itemHours.get(key);
      if (stored === undefined) itemHours.set(key, row);
      else stored.count += row.count;
    }
  }
}
