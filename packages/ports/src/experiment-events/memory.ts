import {
  foldConversions,
  foldExposures,
  foldSlotEvents,
  isFlipped,
  joinConversions,
  joinExposures,
  joinSlotEvents,
  type Conversion,
  type Sha256,
  type SlotEvent,
  type UserKey,
} from "@signalpath/domain";

import { assertId } from "../archive/storable.ts";
import type { Clock } from "../clock/port.ts";
import { daysIn, ingestionIn, slotTotalsIn, totalsIn } from "./memory-reading.ts";
import {
  answeredBefore,
  createMemoryEventsState,
  keysOf,
  splitErased,
  type MemoryEventsState,
  type Owned,
  type StoredSlotRow,
} from "./memory-state.ts";
import type {
  ConversionEvent,
  ExperimentEvents,
  ExposureEvent,
  Once,
  Recorded,
  SlotEventGiven,
  StoredSlotEvent,
} from "./port.ts";

/** The port, and what an erasure of the archive beside it calls. */
export interface MemoryExperimentEvents {
  events: ExperimentEvents;
  /** Forgets units of these keys and ids of events for good. @returns rows removed. */
  eraseKeys(
    projectId: number,
    keys: readonly UserKey[],
    erasure: { atMs: number; eventIds: readonly string[] },
  ): number;
}

interface Context {
  state: MemoryEventsState;
  sha256: Sha256;
  now: Clock;
}

/** Keeps experiment events in the process: the rules in their plainest form. */
export function createMemoryExperimentEvents(options: {
  sha256: Sha256;
  now: Clock;
}): MemoryExperimentEvents {
  const state = createMemoryEventsState();
  const ctx: Context = { state, ...options };
  // No await inside: every call is one step, as the transaction is.
  const events: ExperimentEvents = {
    recordExposures: async (projectId, rows, once) => exposures(ctx, projectId, rows, once),
    recordConversions: async (projectId, rows, once) => conversions(ctx, projectId, rows, once),
    recordSlotEvents: async (projectId, rows, once) => slotEvents(ctx, projectId, rows, once),
    slotEvent: async (projectId, key) => {
      const found = state.slotEvents.get(`${projectId}/${key}`);
      return found === undefined ? undefined : shown(found);
    },
    slotEvents: async ({ project_id, slot_id, event_type, offset, limit }) => {
      const all = [...state.slotEvents.values()]
        .filter(({ projectId }) => project_id === undefined || projectId === project_id)
        .filter(({ row }) => slot_id === undefined || row.event.slot_id === slot_id)
        .filter(({ row }) => event_type === undefined || row.event.event_type === event_type)
        .toSorted((a, b) => b.row.id - a.row.id);
      return { count: all.length, rows: all.slice(offset, offset + limit).map(shown) };
    },
    ingestion: async (id) => ingestionIn(state, id),
    totals: async (request) => totalsIn(state, request),
    days: async (request) => daysIn(state, request),
    slotTotals: async (projectId, ids, from, to) => slotTotalsIn(state, projectId, ids, from, to),
    pruneKeys: async (beforeMs) => {
      const old = [...state.answers].filter(([, { createdAtMs }]) => createdAtMs < beforeMs);
      for (const [key] of old) state.answers.delete(key);
      return old.length;
    },
    check: async () => undefined,
  };
  return {
    events,
    eraseKeys: (projectId, keys, erasure) => erase(state, projectId, keys, erasure),
  };
}

interface Writing<T> {
  projectId: number;
  rows: readonly T[];
  once: Once | undefined;
  unitOf: (row: T) => string;
  /** Stores what is allowed; answers how many rows are new, and how many units turned. */
  store: (kept: readonly T[]) => { recorded: number; flipped: number };
}

function record<T extends { occurred_at: string; event_id: string }>(
  { state, sha256, now }: Context,
  { projectId, rows, once, unitOf, store }: Writing<T>,
): Recorded {
  for (const row of rows) assertId("user_id", unitOf(row));
  const before = answeredBefore(state, projectId, once);
  if (before !== undefined) return before;
  const { kept, erased } = splitErased(state, { sha256, projectId }, rows, unitOf);
  const { recorded, flipped } = store(kept);
  const deduplicated = kept.length - recorded;
  const answer: Recorded = { recorded, deduplicated, flipped, erased, replayed: false };
  if (once !== undefined) {
    const { key, digest } = once;
    state.answers.set(`${projectId}/${key}`, { digest, answer, createdAtMs: now() });
  }
  return answer;
}

function exposures(
  ctx: Context,
  projectId: number,
  rows: readonly ExposureEvent[],
  once: Once | undefined,
): Recorded {
  const store = (kept: readonly ExposureEvent[]) => {
    let recorded = 0;
    let flipped = 0;
    for (const id of new Set(kept.map((row) => row.experiment_id))) {
      const units = bucket(ctx.state.exposures, id);
      for (const row of foldExposures(kept.filter((one) => one.experiment_id === id))) {
        const seen = units.get(row.unit);
        const next = seen === undefined ? row : joinExposures(seen.row, row);
        if (seen === undefined) recorded += 1;
        if (isFlipped(next) && (seen === undefined || !isFlipped(seen.row))) flipped += 1;
        units.set(row.unit, own(ctx, projectId, row.unit, next));
      }
    }
    return { recorded, flipped };
  };
  return record(ctx, { projectId, rows, once, unitOf: ({ unit }) => unit, store });
}

function conversions(
  ctx: Context,
  projectId: number,
  rows: readonly ConversionEvent[],
  once: Once | undefined,
): Recorded {
  const store = (kept: readonly ConversionEvent[]) => {
    let recorded = 0;
    for (const row of foldConversions(kept.map(withoutEventId))) {
      const known = bucket(ctx.state.conversions, row.experiment_id);
      const seen = known.get(row.dedup_key);
      if (seen === undefined) recorded += 1;
      const next: Conversion = seen === undefined ? row : joinConversions(seen.row, row);
      known.set(row.dedup_key, own(ctx, projectId, next.unit, next));
    }
    return { recorded, flipped: 0 };
  };
  return record(ctx, { projectId, rows, once, unitOf: ({ unit }) => unit, store });
}

function slotEvents(
  ctx: Context,
  projectId: number,
  rows: readonly SlotEventGiven[],
  once: Once | undefined,
): Recorded {
  const { state } = ctx;
  const store = (kept: readonly SlotEventGiven[]) => {
    let recorded = 0;
    for (const row of foldSlotEvents(kept.map(withoutEventId))) {
      const place = `${projectId}/${row.dedup_key}`;
      const seen = state.slotEvents.get(place);
      if (seen === undefined) recorded += 1;
      const event: SlotEvent = seen === undefined ? row : joinSlotEvents(seen.row.event, row);
      const storedAt = seen?.row.storedAt ?? new Date(ctx.now()).toISOString();
      const next: StoredSlotRow = { id: seen?.row.id ?? ++state.lastId, storedAt, event };
      state.slotEvents.set(place, own(ctx, projectId, event.user_id, next));
    }
    return { recorded, flipped: 0 };
  };
  return record(ctx, { projectId, rows, once, unitOf: ({ user_id }) => user_id, store });
}

function withoutEventId<T extends { event_id: string }>(given: T): Omit<T, "event_id"> {
  const { event_id: _, ...row } = given;
  return row;
}

function own<T>({ sha256 }: Context, projectId: number, unit: string, row: T): Owned<T> {
  return { row, projectId, keys: keysOf(sha256, projectId, unit) };
}

function bucket<T>(of: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const found = of.get(key) ?? new Map<string, T>();
  of.set(key, found);
  return found;
}

function shown({ row: { id, storedAt, event }, projectId }: Owned<StoredSlotRow>): StoredSlotEvent {
  const { metadata, ...rest } = event;
  const parsed = JSON.parse(metadata) as Record<string, unknown>;
  return { ...rest, id, project_id: projectId, metadata: parsed, stored_at: storedAt };
}

function erase(
  state: MemoryEventsState,
  projectId: number,
  keys: readonly UserKey[],
  { atMs, eventIds }: { atMs: number; eventIds: readonly string[] },
): number {
  let removed = 0;
  const gone = new Set(keys);
  const sweep = <T>(rows: Map<string, Owned<T>>): void => {
    for (const [key, row] of rows) {
      if (!row.keys.some((one) => gone.has(one))) continue;
      rows.delete(key);
      removed += 1;
    }
  };
  for (const rows of state.exposures.values()) sweep(rows);
  for (const rows of state.conversions.values()) sweep(rows);
  sweep(state.slotEvents);
  for (const key of keys) {
    state.tombstones.set(key, Math.max(atMs, state.tombstones.get(key) ?? atMs));
  }
  for (const id of eventIds) state.erasedIds.add(`${projectId}/${id}`);
  return removed;
}
