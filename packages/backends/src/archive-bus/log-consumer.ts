import {
  DEFAULT_MAX_BATCH,
  outcomesOf,
  retryPauseMs,
  subjectMatches,
  type ArchiveReader,
  type BatchHandler,
  type ConsumerLag,
  type ConsumeSpec,
  type Outcome,
  type Subscription,
} from "@signalpath/ports";

import { deliveryOf, type LogEntry } from "./entry.ts";
import { createOffsetSaver } from "./offset-saver.ts";
import type { Tail } from "./tail.ts";

/** A log that could not be read is asked again after, milliseconds. */
const READ_RETRY_MS = 1_000;
/** Handed out and not acknowledged, at most. */
const MAX_OUTSTANDING = 2_000;

/** One durable consumer of the archive's log. */
export interface LogConsumer {
  filter: string;
  attach(spec: ConsumeSpec, handler: BatchHandler): Subscription;
  /** The tail has grown. */
  wake(): void;
  /** Everything up to here is out of the consumer's way; undefined: it does not follow the tail. */
  following(): number | undefined;
  /** Stored and not acknowledged, as far as it is in memory. */
  backlog(): { count: number; bytes: number };
  lag(): Promise<ConsumerLag>;
  forgetDecisions(): void;
  close(): Promise<void>;
}

interface Held {
  entry: LogEntry;
  attempt: number;
  /** Milliseconds of the monotonic clock; undefined while a handler has it. */
  dueAt: number | undefined;
}

interface Worker {
  pump(): void;
  running: Set<Promise<void>>;
  closing: boolean;
}

/**
 * Delivers the log in its order, several handlers competing. The offset is the place before which
 * everything is acknowledged; a restart goes on from there. A new durable starts at the oldest row.
 * A handler of the same process cannot vanish: there is no acknowledgement wait.
 */
export function createLogConsumer(options: {
  durable: string;
  filter: string;
  startAfter: number;
  tail: Tail;
  reader: Pick<ArchiveReader, "saveOffset">;
  retryPausesMs: readonly number[];
  /** The consumer has moved on: the tail may let go of something. */
  onProgress: () => void;
  onError: (error: unknown, what: string) => void;
}): LogConsumer {
  const { durable, filter, tail, onProgress, onError } = options;
  /** In log order, retries included, so the first one bounds the offset. */
  const held = new Map<number, Held>();
  const workers = new Set<Worker>();
  const saver = createOffsetSaver({ ...options, offset });
  let heldBytes = 0;
  let page: LogEntry[] = [];
  let cursor = options.startAfter;
  let live = false;
  let reading: Promise<void> | undefined;
  let wakeTimer: ReturnType<typeof setTimeout> | undefined;

  function offset(): number {
    const [first] = held.keys();
    return first === undefined ? cursor : first - 1;
  }

  function wakeAll(): void {
    for (const worker of workers) worker.pump();
  }

  function wakeIn(ms: number): void {
    clearTimeout(wakeTimer);
    wakeTimer = setTimeout(wakeAll, ms);
  }

  /** Not in memory: a page of the log; at its end the tail takes over. */
  async function readPage(): Promise<void> {
    try {
      const floor = tail.floor() ?? cursor;
      page = await tail.page(cursor);
      if (page.length === 0) {
        // Nothing between here and what the tail holds; what came during the reading is in it.
        cursor = Math.max(cursor, floor);
        tail.follow(cursor);
        live = true;
        await tail.refresh();
      }
      reading = undefined;
      wakeAll();
    } catch (error) {
      reading = undefined;
      onError(error, `reading the log for ${durable}`);
      wakeIn(READ_RETRY_MS);
    }
  }

  /** Next entries of the log for the filter, or nothing while they are being read. */
  function fresh(limit: number): LogEntry[] {
    const taken: LogEntry[] = [];
    while (taken.length < limit) {
      const wanted = limit - taken.length;
      const chunk = page.length > 0 ? page.splice(0, wanted) : tail.after(cursor, wanted);
      live = chunk !== undefined && page.length === 0;
      if (chunk === undefined) {
        reading = readPage();
        break;
      }
      if (chunk.length === 0) break;
      for (const entry of chunk) {
        cursor = entry.sequence;
        if (subjectMatches(filter, entry.subject)) taken.push(entry);
      }
    }
    return taken;
  }

  function take(limit: number): Held[] {
    const batch: Held[] = [];
    const now = performance.now();
    let nextDue = Number.POSITIVE_INFINITY;
    for (const one of held.values()) {
      if (one.dueAt === undefined) continue;
      if (one.dueAt <= now && batch.length < limit) batch.push(one);
      else nextDue = Math.min(nextDue, one.dueAt);
    }
    if (nextDue !== Number.POSITIVE_INFINITY) wakeIn(Math.max(1, nextDue - now));
    const room = Math.min(limit - batch.length, MAX_OUTSTANDING - held.size);
    if (room > 0 && reading === undefined) {
      for (const entry of fresh(room)) {
        const one: Held = { entry, attempt: 0, dueAt: now };
        held.set(entry.sequence, one);
        heldBytes += entry.bytes;
        batch.push(one);
      }
      saver.schedule();
    }
    for (const one of batch) {
      one.dueAt = undefined;
      one.attempt += 1;
    }
    return batch;
  }

  function settle(batch: readonly Held[], outcomes: readonly Outcome[]): void {
    const now = performance.now();
    for (const [index, one] of batch.entries()) {
      const outcome = outcomes[index] as Outcome;
      if (outcome !== "ack") one.dueAt = now + outcome.retryInMs;
      else if (held.delete(one.entry.sequence)) heldBytes -= one.entry.bytes;
    }
    onProgress();
    saver.schedule();
  }

  async function handle(handler: BatchHandler, batch: readonly Held[]): Promise<void> {
    const deliveries = batch.map(({ entry, attempt }) => deliveryOf(entry, attempt));
    try {
      settle(batch, outcomesOf(deliveries, await handler(deliveries)));
    } catch (error) {
      onError(error, `a handler of ${durable}`);
      const pauses = options.retryPausesMs;
      settle(
        batch,
        batch.map(({ attempt }) => ({ retryInMs: retryPauseMs(attempt, pauses) })),
      );
    }
  }

  function attach(spec: ConsumeSpec, handler: BatchHandler): Subscription {
    const { maxBatch = DEFAULT_MAX_BATCH, concurrency = 1 } = spec;
    const worker: Worker = {
      closing: false,
      running: new Set(),
      pump() {
        while (!worker.closing && worker.running.size < concurrency) {
          const batch = take(maxBatch);
          if (batch.length === 0) return;
          const run = handle(handler, batch).finally(() => {
            worker.running.delete(run);
            wakeAll();
          });
          worker.running.add(run);
        }
      },
    };
    workers.add(worker);
    // After the caller has its subscription, and together with what else this turn publishes.
    setImmediate(() => worker.pump());
    return {
      async close() {
        worker.closing = true;
        await Promise.all(worker.running);
        workers.delete(worker);
        if (workers.size > 0) return wakeAll();
        // What is not taken yet will be read from the log.
        page = [];
        live = false;
        onProgress();
        await rest();
      },
    };
  }

  async function rest(): Promise<void> {
    clearTimeout(wakeTimer);
    await saver.finish();
  }

  return {
    filter,
    attach,
    wake: wakeAll,
    following: () => (live && workers.size > 0 ? cursor : undefined),
    backlog() {
      const behind = live && workers.size > 0 ? tail.countAfter(cursor) : { count: 0, bytes: 0 };
      return { count: behind.count + held.size, bytes: behind.bytes + heldBytes };
    },
    async lag() {
      await reading;
      const known = live ? tail.after(cursor, Number.MAX_SAFE_INTEGER) : undefined;
      const unread = known ?? [...page, ...(await tail.page(page.at(-1)?.sequence ?? cursor))];
      const pending = unread.filter(({ subject }) => subjectMatches(filter, subject)).length;
      return { pending, ackPending: held.size };
    },
    forgetDecisions() {
      for (const { entry } of held.values()) entry.archived = undefined;
    },
    async close() {
      for (const worker of workers) worker.closing = true;
      for (const worker of workers) await Promise.all(worker.running);
      workers.clear();
      await reading;
      await rest();
    },
  };
}
