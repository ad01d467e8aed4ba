import {
  userKey,
  type Conversion,
  type Sha256,
  type SlotEvent,
  type UnitExposure,
  type UserKey,
} from "@signalpath/domain";

import type { Once, Recorded } from "./port.ts";
import { KeyReusedError } from "./port.ts";

/** A row and whose it is: the same id may be a user's or a device's. */
export interface Owned<T> {
  row: T;
  projectId: number;
  keys: readonly UserKey[];
}

export interface StoredSlotRow {
  id: number;
  storedAt: string;
  event: SlotEvent;
}

export interface MemoryEventsState {
  /** By experiment, by unit. */
  exposures: Map<string, Map<string, Owned<UnitExposure>>>;
  /** By experiment, by key. */
  conversions: Map<string, Map<string, Owned<Conversion>>>;
  /** By project and key. */
  slotEvents: Map<string, Owned<StoredSlotRow>>;
  answers: Map<string, { digest: string; answer: Recorded; createdAtMs: number }>;
  /** Erasure time by key, milliseconds. */
  tombstones: Map<UserKey, number>;
  /** `<project>/<event id>` of what was erased. */
  erasedIds: Set<string>;
  lastId: number;
}

export function createMemoryEventsState(): MemoryEventsState {
  return {
    exposures: new Map(),
    conversions: new Map(),
    slotEvents: new Map(),
    answers: new Map(),
    tombstones: new Map(),
    erasedIds: new Set(),
    lastId: 0,
  };
}

export const keysOf = (sha256: Sha256, projectId: number, unit: string): UserKey[] => [
  userKey(sha256, projectId, "user", unit),
  userKey(sha256, projectId, "anonymous", unit),
];

/** Those rows that no erasure forbids, and the places of the others. */
export function splitErased<T extends { occurred_at: string; event_id: string }>(
  state: Pick<MemoryEventsState, "tombstones" | "erasedIds">,
  { sha256, projectId }: { sha256: Sha256; projectId: number },
  rows: readonly T[],
  unitOf: (row: T) => string,
): { kept: T[]; erased: number[] } {
  const erased: number[] = [];
  const kept = rows.filter((row, place) => {
    const at = Date.parse(row.occurred_at);
    const isBuried = keysOf(sha256, projectId, unitOf(row)).some(
      (key) => at <= (state.tombstones.get(key) ?? Number.NEGATIVE_INFINITY),
    );
    const isGone = isBuried || state.erasedIds.has(`${projectId}/${row.event_id}`);
    if (isGone) erased.push(place);
    return !isGone;
  });
  return { kept, erased };
}

/** The answer of the first call of a key. @throws KeyReusedError. */
export function answeredBefore(
  state: MemoryEventsState,
  projectId: number,
  once: Once | undefined,
): Recorded | undefined {
  if (once === undefined) return undefined;
  const found = state.answers.get(`${projectId}/${once.key}`);
  if (found === undefined) return undefined;
  if (found.digest !== once.digest) throw new KeyReusedError("the key stands for another request");
  return { ...found.answer, replayed: true };
}
