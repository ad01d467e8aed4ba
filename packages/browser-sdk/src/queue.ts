import type { KeyValues } from "./surroundings.ts";
import type { TrackedEvent } from "./types.ts";

export interface Entry {
  key: string;
  event: TrackedEvent;
  /** Size of the event as JSON, UTF-8 bytes. */
  bytes: number;
}

/** Events that wait, oldest first, shared by all pages of an origin. */
export interface Queue {
  add(event: TrackedEvent): void;
  /** The oldest ones, at most so many and so many bytes of JSON; one at least when there is any. */
  peek(count: number, bytes: number): Entry[];
  remove(entries: readonly Entry[]): void;
  size(): number;
  /** Pushed out by newer ones since this page was loaded. */
  dropped(): number;
  clear(): void;
}

/**
 * A bounded queue with one stored value an event: two pages that add and remove at one time never
 * overwrite each other. What both send is one event by its message id.
 * @param limits.name keeps queues of one origin apart.
 * @param limits.events held at most; the oldest goes first, and is counted.
 */
export function createQueue(
  storage: KeyValues,
  clock: { now(): number },
  limits: { name: string; events: number },
): Queue {
  const prefix = `${limits.name}:event:`;
  let dropped = 0;
  let counter = 0;

  function keys(): string[] {
    const found: string[] = [];
    for (let index = 0; index < storage.length; index++) {
      const key = storage.key(index);
      if (key?.startsWith(prefix) === true) found.push(key);
    }
    return found.sort();
  }

  function dropOldest(waiting: string[]): boolean {
    const oldest = waiting.shift();
    if (oldest === undefined) return false;
    storage.removeItem(oldest);
    dropped++;
    return true;
  }

  return {
    add(event) {
      const waiting = keys();
      while (waiting.length >= limits.events) dropOldest(waiting);
      // Sorts by time, then by order within the page; the id keeps pages apart.
      const time = String(clock.now()).padStart(15, "0");
      const key = `${prefix}${time}:${String(counter++).padStart(8, "0")}:${event.messageId}`;
      const text = JSON.stringify(event);
      for (;;) {
        try {
          return storage.setItem(key, text);
        } catch {
          // The origin's quota is used up, by us or by others.
          if (!dropOldest(waiting)) {
            dropped++;
            return;
          }
        }
      }
    },
    peek(count, bytes) {
      const taken: Entry[] = [];
      let total = 0;
      for (const key of keys()) {
        const text = storage.getItem(key);
        const event = text === null ? undefined : parse(text);
        if (text === null || event === undefined) {
          storage.removeItem(key);
          continue;
        }
        const size = new TextEncoder().encode(text).length;
        if (taken.length > 0 && (taken.length >= count || total + size > bytes)) break;
        total += size;
        taken.push({ key, event, bytes: size });
      }
      return taken;
    },
    remove(entries) {
      for (const { key } of entries) storage.removeItem(key);
    },
    size: () => keys().length,
    dropped: () => dropped,
    clear() {
      for (const key of keys()) storage.removeItem(key);
    },
  };
}

/** Undefined for what somebody else wrote there. */
function parse(text: string): TrackedEvent | undefined {
  try {
    const event = JSON.parse(text) as TrackedEvent | null;
    return typeof event?.messageId === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}
