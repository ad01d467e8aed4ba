import type { SignalEvent, UserKey } from "@signalpath/domain";
import { emptyEvents, joinInPlace, type SortedEvents } from "@signalpath/ports";

/** What this client saw of a buffer. The same epoch and revision mean the same set. */
export interface KnownBuffer {
  epoch: string;
  revision: number;
  kept: SortedEvents;
}

/** Buffers this client has seen lately, so that the server sends only what it has not. */
export interface KnownBuffers {
  get(key: UserKey): KnownBuffer | undefined;
  put(key: UserKey, buffer: Omit<KnownBuffer, "kept">, events: readonly SignalEvent[]): void;
  clear(): void;
}

/** @param maxEvents events kept over all buffers; the least recently used buffers go first */
export function createKnownBuffers(maxEvents: number): KnownBuffers {
  const buffers = new Map<UserKey, KnownBuffer & { counted: number }>();
  let total = 0;

  function forget(key: UserKey): void {
    total -= buffers.get(key)?.counted ?? 0;
    buffers.delete(key);
  }

  return {
    get: (key) => buffers.get(key),
    put(key, { epoch, revision }, events) {
      const known = buffers.get(key);
      const kept = known?.epoch === epoch ? known.kept : emptyEvents();
      forget(key);
      joinInPlace(kept, events);
      // An empty buffer takes room too.
      const counted = kept.events.length + 1;
      buffers.set(key, { epoch, revision, kept, counted });
      total += counted;
      for (const oldest of buffers.keys()) {
        if (total <= maxEvents) return;
        forget(oldest);
      }
    },
    clear() {
      buffers.clear();
      total = 0;
    },
  };
}
