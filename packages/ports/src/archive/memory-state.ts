import { compareEvents, type SignalEvent, type UserKey } from "@signalpath/domain";

import type { ItemHour, NeighbourRow } from "../item-stats/port.ts";

/** One archived event and what its row holds beside it. */
export interface MemoryRow {
  sequence: number;
  event: SignalEvent;
  subject: UserKey;
  archivedAt: number;
}

export interface MemoryLink {
  from: UserKey;
  to: UserKey;
  root: UserKey;
  linkedAt: number;
}

/** What erasures removed of one key, beside its tombstone. */
export interface MemoryErasure {
  /** Milliseconds. */
  removedAt: number;
  archive: number;
  deadLetters: number;
  experiments: number;
  hadBuffer: boolean;
  hadModel: boolean;
  hadFeatures: boolean;
  /** Found by an erasure that is not done. */
  ids: string[];
}

/** Everything of one project. */
export interface MemoryProject {
  rows: Map<string, MemoryRow>;
  bySubject: Map<UserKey, MemoryRow[]>;
  links: Map<UserKey, MemoryLink>;
  /** Root -> everything linked to it, however indirectly. */
  linkedTo: Map<UserKey, Set<UserKey>>;
  /** Erasure time by key, milliseconds. */
  tombstones: Map<UserKey, number>;
  erasures: Map<UserKey, MemoryErasure>;
  /** Erased event id (hashed) -> until when its redelivery dies, milliseconds. */
  erasedIds: Map<string, number>;
  itemHours: Map<string, ItemHour>;
  neighbours: { computedAt: string; rows: NeighbourRow[] } | undefined;
}

/** What the archive, its bulk reader and the item statistics share. */
export interface MemoryArchiveState {
  projects: Map<number, MemoryProject>;
  /** Rows in the order of insertion; erased ones are gone. */
  log: MemoryRow[];
  lastSequence: number;
  offsets: Map<string, number>;
}

export function createMemoryArchiveState(): MemoryArchiveState {
  return { projects: new Map(), log: [], lastSequence: 0, offsets: new Map() };
}

export function projectOf(state: MemoryArchiveState, projectId: number): MemoryProject {
  let project = state.projects.get(projectId);
  if (project === undefined) {
    project = {
      rows: new Map(),
      bySubject: new Map(),
      links: new Map(),
      linkedTo: new Map(),
      tombstones: new Map(),
      erasures: new Map(),
      erasedIds: new Map(),
      itemHours: new Map(),
      neighbours: undefined,
    };
    state.projects.set(projectId, project);
  }
  return project;
}

export function rootOf(project: MemoryProject, key: UserKey): UserKey {
  return project.links.get(key)?.root ?? key;
}

/** A root and everything linked to it. */
export function keysOf(project: MemoryProject, root: UserKey): UserKey[] {
  return [root, ...(project.linkedTo.get(root) ?? [])];
}

/** Puts a root and everything behind it under another root. */
export function addLink(project: MemoryProject, link: Omit<MemoryLink, "root">): void {
  const followers = keysOf(project, link.from);
  project.linkedTo.delete(link.from);
  project.links.set(link.from, { ...link, root: link.to });
  const group = project.linkedTo.get(link.to) ?? new Set();
  for (const key of followers) {
    group.add(key);
    const followed = project.links.get(key);
    if (followed !== undefined) followed.root = link.to;
  }
  project.linkedTo.set(link.to, group);
}

/** All rows of a person, newest event first. */
export function rowsOf(project: MemoryProject, root: UserKey): MemoryRow[] {
  return keysOf(project, root)
    .flatMap((key) => project.bySubject.get(key) ?? [])
    .sort((a, b) => compareEvents(b.event, a.event));
}
