import { subjectMatches } from "./match.ts";
import type { Logged, MemoryLog } from "./memory-log.ts";
import type { BatchHandler, ConsumerLag, ConsumeSpec, Delivery, Subscription } from "./port.ts";
import { DEFAULT_MAX_BATCH, outcomesOf, retryPauseMs } from "./rules.ts";

/** A named place in a log, shared by all members that consume under its name. */
export interface MemoryDurable {
  filter: string;
  join(spec: ConsumeSpec, handler: BatchHandler): Subscription;
  /** A message was added: deliver it soon. */
  wake(): void;
  lag(): ConsumerLag;
  /** Lowest sequence that is not yet acknowledged. */
  doneBelow(): number;
  /** Delivers nothing more; resolves when no handler runs. */
  close(): Promise<void>;
}

interface Member {
  handler: BatchHandler;
  maxBatch: number;
  concurrency: number;
  running: Set<Promise<void>>;
}

export function createMemoryDurable(options: {
  filter: string;
  log: MemoryLog;
  retryPausesMs: readonly number[];
  onError: (error: unknown) => void;
}): MemoryDurable {
  const { filter, log, retryPausesMs, onError } = options;
  const wanted = (subject: string) => subjectMatches(filter, subject);
  const members: Member[] = [];
  /** Delivered and not acknowledged: waiting for a pause to end, due again, or in a handler. */
  const unacked = new Map<number, Logged>();
  const attempts = new Map<number, number>();
  const timers = new Set<NodeJS.Timeout>();
  let due: Logged[] = [];
  let cursor = 0;
  let awake = false;
  let closed = false;

  function take(limit: number): Delivery[] {
    due.sort((a, b) => a.sequence - b.sequence);
    const batch = due.slice(0, limit);
    due = due.slice(limit);
    while (batch.length < limit) {
      const message = log.next(cursor, wanted);
      cursor = message === undefined ? log.end() : message.sequence + 1;
      if (message === undefined) break;
      unacked.set(message.sequence, message);
      batch.push(message);
    }
    return batch.map((message) => {
      const attempt = (attempts.get(message.sequence) ?? 0) + 1;
      attempts.set(message.sequence, attempt);
      return { ...message, attempt };
    });
  }

  function retry({ sequence }: Delivery, pauseMs: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const message = unacked.get(sequence);
      if (message !== undefined) due.push(message);
      wake();
    }, pauseMs);
    timers.add(timer);
  }

  async function run(member: Member, batch: readonly Delivery[]): Promise<void> {
    try {
      const outcomes = outcomesOf(batch, await member.handler(batch));
      for (const [i, delivery] of batch.entries()) {
        const outcome = outcomes[i];
        if (typeof outcome === "object") retry(delivery, outcome.retryInMs);
        else for (const kept of [unacked, attempts]) kept.delete(delivery.sequence);
      }
    } catch (error) {
      onError(error);
      for (const delivery of batch) retry(delivery, retryPauseMs(delivery.attempt, retryPausesMs));
    }
  }

  function deliver(): void {
    awake = false;
    if (closed) return;
    for (let busy = 0; busy < members.length;) {
      const member = members.shift();
      if (member === undefined) return;
      members.push(member);
      const batch = member.running.size < member.concurrency ? take(member.maxBatch) : [];
      busy = batch.length === 0 ? busy + 1 : 0;
      if (batch.length === 0) continue;
      const done = run(member, batch).finally(() => {
        member.running.delete(done);
        wake();
      });
      member.running.add(done);
    }
  }

  function wake(): void {
    if (awake || closed) return;
    awake = true;
    // After the current turn, so that what is published together is delivered together.
    setImmediate(deliver);
  }

  return {
    filter,
    wake,
    join(spec, handler) {
      const { maxBatch = DEFAULT_MAX_BATCH, concurrency = 1 } = spec;
      const member: Member = { handler, maxBatch, concurrency, running: new Set() };
      members.push(member);
      wake();
      return {
        async close() {
          const at = members.indexOf(member);
          if (at >= 0) members.splice(at, 1);
          await Promise.all(member.running);
        },
      };
    },
    lag: () => ({ pending: log.count(cursor, wanted), ackPending: unacked.size }),
    doneBelow: () => Math.min(cursor, ...unacked.keys()),
    async close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(members.flatMap((member) => [...member.running]));
    },
  };
}
