import { STREAMS, type StreamName } from "@signalpath/contracts";

import type { Clock } from "../clock/port.ts";
import { BusFullError } from "../errors.ts";
import type { Delivery } from "./port.ts";

export type Logged = Omit<Delivery, "attempt">;

/** The messages of one stream, oldest first. */
export interface MemoryLog {
  /** Stores a message, or finds its id again. Throws BusFullError where the stream discards new. */
  add(message: Omit<Logged, "sequence" | "publishedAtMs">, id: string | undefined): Logged | "dup";
  /** The first message with sequence >= `from` that `wanted` takes. */
  next(from: number, wanted: (subject: string) => boolean): Logged | undefined;
  count(from: number, wanted: (subject: string) => boolean): number;
  /** Sequence of the message that comes next. */
  end(): number;
}

const DAY_MS = 24 * 3_600_000;

/**
 * @param doneBelow lowest sequence some durable still needs; undefined = nobody consumes this stream
 */
export function createMemoryLog(options: {
  stream: StreamName;
  now: Clock;
  maxMessages: number;
  doneBelow: () => number | undefined;
}): MemoryLog {
  const { stream, now, maxMessages, doneBelow } = options;
  const limits = STREAMS[stream];
  const ids = new Map<string, number>();
  let messages: Logged[] = [];
  let lastSequence = 0;

  function forgetOld(): void {
    const idsFrom = now() - limits.duplicateWindowMinutes * 60_000;
    for (const [id, at] of ids) {
      if (at > idsFrom) break;
      ids.delete(id);
    }
    const oldest = now() - limits.maxAgeDays * DAY_MS;
    const expired = messages.findIndex((message) => message.publishedAtMs > oldest);
    if (expired !== 0) messages = expired < 0 ? [] : messages.slice(expired);
  }

  function makeRoom(): void {
    if (messages.length < maxMessages) return;
    const needed = doneBelow();
    // A tenth at a time, so that a full log does not move all its entries for each new one.
    const some = Math.max(1, Math.floor(maxMessages / 10));
    const first = messages[0]?.sequence ?? 0;
    const done = needed === undefined ? 0 : Math.max(0, needed - first);
    if (done > 0) messages = messages.slice(Math.min(done, some));
    else if (limits.discard === "old") messages = messages.slice(some);
    else throw new BusFullError("bus", `${stream} holds ${messages.length} unconsumed messages`);
  }

  /** Index of the first message with sequence >= `from`: sequences have no gaps. */
  const indexOf = (from: number) => Math.max(0, from - (messages[0]?.sequence ?? from));

  return {
    add(message, id) {
      forgetOld();
      if (id !== undefined && ids.has(id)) return "dup";
      makeRoom();
      const logged = { ...message, sequence: ++lastSequence, publishedAtMs: now() };
      messages.push(logged);
      if (id !== undefined) ids.set(id, logged.publishedAtMs);
      return logged;
    },
    next(from, wanted) {
      for (let i = indexOf(from); i < messages.length; i++) {
        const message = messages[i];
        if (message !== undefined && wanted(message.subject)) return message;
      }
      return undefined;
    },
    count(from, wanted) {
      let count = 0;
      for (let i = indexOf(from); i < messages.length; i++) {
        if (wanted(messages[i]?.subject ?? "")) count++;
      }
      return count;
    },
    end: () => lastSequence + 1,
  };
}
