import type { StreamName } from "@signalpath/contracts";

import type { Clock } from "../clock/port.ts";
import { RefusedError, UnavailableError } from "../errors.ts";
import { streamOf, subjectMatches } from "./match.ts";
import { createMemoryDurable, type MemoryDurable } from "./memory-durable.ts";
import { createMemoryLog, type Logged, type MemoryLog } from "./memory-log.ts";
import type { Bus, Delivery } from "./port.ts";
import { checkDurable, encodePublish, encodeTold, RETRY_PAUSES_MS } from "./rules.ts";

export interface MemoryBusOptions {
  now: Clock;
  /**
   * Messages kept a stream (default 20,000). A full stream first forgets what every durable has
   * finished; then SIGNALS refuses new messages, the others drop their oldest.
   */
  maxMessages?: number;
  retryPausesMs?: readonly number[];
  /** A handler threw: its batch comes again (`consume`) or the message is past (`hear`). */
  onError?: (error: unknown, where: string) => void;
}

interface Listener {
  filter: string;
  handler: (message: Delivery) => void;
}

/**
 * The bus of one process: all promises of the port but one, since what it holds ends with the
 * process. `ackWaitMs` has no effect: a handler of the same process cannot vanish.
 */
export function createMemoryBus(options: MemoryBusOptions): Bus {
  const { now, maxMessages = 20_000, retryPausesMs = RETRY_PAUSES_MS } = options;
  const onError = options.onError ?? ((error, where) => console.error(where, error));
  const logs = new Map<StreamName, MemoryLog>();
  const durables = new Map<StreamName, Map<string, MemoryDurable>>();
  const listeners = new Set<Listener>();
  let closed = false;
  let told = 0;

  const durablesOf = (stream: StreamName) => durables.get(stream) ?? new Map<string, never>();

  function doneBelow(stream: StreamName): number | undefined {
    const all = [...durablesOf(stream).values()].map((durable) => durable.doneBelow());
    return all.length === 0 ? undefined : Math.min(...all);
  }

  function logOf(stream: StreamName): MemoryLog {
    const found = logs.get(stream);
    if (found !== undefined) return found;
    const made = createMemoryLog({
      stream,
      now,
      maxMessages,
      doneBelow: () => doneBelow(stream),
    });
    logs.set(stream, made);
    return made;
  }

  function durableOf(name: string, filter: string): MemoryDurable {
    const stream = streamOf(filter);
    const found = durables.get(stream)?.get(name);
    if (found !== undefined) {
      if (found.filter === filter) return found;
      throw new RefusedError(`durable ${name} has the filter ${found.filter}, not ${filter}`);
    }
    const made = createMemoryDurable({
      filter,
      log: logOf(stream),
      retryPausesMs,
      onError: (error) => onError(error, `consumer ${name}`),
    });
    durables.set(stream, new Map([...durablesOf(stream), [name, made]]));
    return made;
  }

  function tell(message: Logged): void {
    for (const listener of listeners) {
      if (!subjectMatches(listener.filter, message.subject)) continue;
      setImmediate(() => {
        if (!listeners.has(listener)) return;
        try {
          listener.handler({ ...message, attempt: 1 });
        } catch (error) {
          onError(error, `listener on ${listener.filter}`);
        }
      });
    }
  }

  function alive(): void {
    if (closed) throw new UnavailableError("bus", "the bus is closed");
  }

  return {
    async publish(subject, payload, { id, headers = {} } = {}) {
      alive();
      const body = encodePublish(subject.name, payload, id);
      const stream = streamOf(subject.name);
      const logged = logOf(stream).add({ subject: subject.name, body, headers }, id);
      if (logged === "dup") return { duplicate: true };
      for (const durable of durablesOf(stream).values()) durable.wake();
      tell(logged);
      return { duplicate: false };
    },
    tell({ name }, payload) {
      const body = closed ? undefined : encodeTold(name, payload);
      if (body === undefined) return false;
      tell({ subject: name, body, headers: {}, publishedAtMs: now(), sequence: ++told });
      return true;
    },
    async consume(spec, handler) {
      alive();
      return durableOf(checkDurable(spec.durable), spec.filter).join(spec, handler);
    },
    async hear(filter, handler) {
      alive();
      const listener = { filter, handler };
      listeners.add(listener);
      return { close: async () => void listeners.delete(listener) };
    },
    onReconnect: () => () => undefined,
    lag: async (durable, filter) => durables.get(streamOf(filter))?.get(durable)?.lag(),
    check: async () => alive(),
    async close() {
      closed = true;
      listeners.clear();
      const all = [...durables.values()].flatMap((each) => [...each.values()]);
      await Promise.all(all.map((durable) => durable.close()));
    },
  };
}
