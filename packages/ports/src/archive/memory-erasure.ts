import { RETENTION_MS } from "@signalpath/contracts";
import { compareCodePoints, type UserKey } from "@signalpath/domain";

import type { MemoryArchiveOptions } from "./memory.ts";
import {
  keysOf,
  projectOf,
  rootOf,
  rowsOf,
  type MemoryArchiveState,
  type MemoryErasure,
  type MemoryRow,
} from "./memory-state.ts";
import {
  emptyReceipt,
  ERASED_IDS,
  type Archive,
  type ErasureReceipt,
  type ErasureResult,
} from "./port.ts";

/** The erasing part of the archive. No await inside: every call is one step. */
export function createMemoryErasure(
  state: MemoryArchiveState,
  options: MemoryArchiveOptions,
): Pick<Archive, "erase" | "recordErasure" | "erasureOf"> {
  return {
    erase: async (projectId, key, atMs) => erase(state, options, { projectId, key, atMs }),
    recordErasure: async (projectId, keys, { atMs, done, ...cleared }) => {
      const { erasures } = projectOf(state, projectId);
      for (const key of keys) {
        const erasure = erasures.get(key);
        if (erasure === undefined) continue;
        const found = {
          hadBuffer: erasure.hadBuffer || cleared.buffers.includes(key),
          hadModel: erasure.hadModel || cleared.models.includes(key),
          hadFeatures: erasure.hadFeatures || cleared.features.includes(key),
        };
        const more =
          found.hadBuffer !== erasure.hadBuffer ||
          found.hadModel !== erasure.hadModel ||
          found.hadFeatures !== erasure.hadFeatures;
        Object.assign(erasure, found);
        if (more) erasure.removedAt = Math.max(erasure.removedAt, atMs);
        if (done) erasure.ids = [];
      }
      const known = keys.flatMap((key) => erasures.get(key) ?? []);
      return known.length === 0 ? emptyReceipt(atMs) : receiptOf(known);
    },
    erasureOf: async (projectId, key) => {
      const project = projectOf(state, projectId);
      const keys = keysOf(project, rootOf(project, key));
      const found = keys.flatMap((each) => project.erasures.get(each) ?? []);
      return found.length === 0 ? undefined : receiptOf(found);
    },
  };
}

function erase(
  state: MemoryArchiveState,
  { sha256, deadLetters, experiments }: MemoryArchiveOptions,
  { projectId, key, atMs }: { projectId: number; key: UserKey; atMs: number },
): ErasureResult {
  const project = projectOf(state, projectId);
  const root = rootOf(project, key);
  const keys = keysOf(project, root);
  const gone = rowsOf(project, root);
  for (const [hash, until] of project.erasedIds) if (until <= atMs) project.erasedIds.delete(hash);
  for (const each of keys) {
    project.tombstones.set(each, Math.max(atMs, project.tombstones.get(each) ?? atMs));
    project.bySubject.delete(each);
    if (!project.erasures.has(each)) project.erasures.set(each, untouched(atMs));
  }
  for (const { event } of gone) {
    project.rows.delete(event.event_id);
    project.erasedIds.set(sha256(event.event_id), atMs + RETENTION_MS);
  }
  const dropped = new Set(gone);
  if (dropped.size > 0) state.log = state.log.filter((row) => !dropped.has(row));
  const eventIds = gone.map(({ event }) => event.event_id);
  const removed = {
    archive: gone.length,
    dead_letters: deadLetters?.eraseKeys(projectId, keys) ?? 0,
    experiments: experiments?.eraseKeys(projectId, keys, { atMs, eventIds }) ?? 0,
  };
  const before = keys.flatMap((each) => project.erasures.get(each)?.ids ?? []);
  const ids = [...new Set([...before, ...idsOf(gone)])]
    .sort(compareCodePoints)
    .slice(0, ERASED_IDS);
  const receipt = project.erasures.get(root) as MemoryErasure;
  receipt.archive += removed.archive;
  receipt.deadLetters += removed.dead_letters;
  receipt.experiments += removed.experiments;
  receipt.ids = ids;
  if (removed.archive + removed.dead_letters + removed.experiments > 0) {
    receipt.removedAt = Math.max(receipt.removedAt, atMs);
  }
  return { keys, ids, erasedAt: new Date(atMs).toISOString(), removed };
}

function untouched(removedAt: number): MemoryErasure {
  const nothing = { archive: 0, deadLetters: 0, experiments: 0 };
  return { removedAt, ...nothing, hadBuffer: false, hadModel: false, hadFeatures: false, ids: [] };
}

function idsOf(rows: readonly MemoryRow[]): string[] {
  return rows
    .flatMap(({ event }) => [event.user_id, event.anonymous_id])
    .filter((id) => id !== undefined);
}

function receiptOf(found: readonly MemoryErasure[]): ErasureReceipt {
  const sum = (of: (erasure: MemoryErasure) => number) =>
    found.reduce((total, erasure) => total + of(erasure), 0);
  return {
    erasedAt: new Date(Math.max(...found.map(({ removedAt }) => removedAt))).toISOString(),
    removed: {
      archive: sum(({ archive }) => archive),
      dead_letters: sum(({ deadLetters }) => deadLetters),
      experiments: sum(({ experiments }) => experiments),
      buffers: sum(({ hadBuffer }) => Number(hadBuffer)),
      models: sum(({ hadModel }) => Number(hadModel)),
      features: sum(({ hadFeatures }) => Number(hadFeatures)),
    },
  };
}
