import type { Clock, ConsumerLag, Delivery } from "@signalpath/ports";

/** How old the oldest message is that a consumer has not finished. */
export interface Backlog {
  /** Runs a handler; its messages count as unfinished until it ends. */
  track<T>(durable: string, batch: readonly Delivery[], work: () => Promise<T>): Promise<T>;
  /**
   * Age in seconds, 0 when nothing is left. A message in a handler here has its own age. Of those
   * that wait on the bus or at another replica the age is at least as long as this process has seen
   * the consumer behind without a pause: a bus tells how many there are, not since when.
   */
  oldestAgeSeconds(durable: string, lag: ConsumerLag): number;
}

export function createBacklog(now: Clock): Backlog {
  const running = new Map<string, Set<{ oldestMs: number }>>();
  const behindSince = new Map<string, number>();
  return {
    async track(durable, batch, work) {
      const held = { oldestMs: Math.min(...batch.map(({ publishedAtMs }) => publishedAtMs)) };
      const all = running.get(durable) ?? new Set();
      running.set(durable, all.add(held));
      try {
        return await work();
      } finally {
        all.delete(held);
      }
    },
    oldestAgeSeconds(durable, { pending, ackPending }) {
      if (pending + ackPending === 0) {
        behindSince.delete(durable);
        return 0;
      }
      const since = behindSince.get(durable) ?? now();
      behindSince.set(durable, since);
      const held = [...(running.get(durable) ?? [])].map(({ oldestMs }) => oldestMs);
      const oldest = Math.min(since, ...held);
      return Math.max(0, now() - oldest) / 1_000;
    },
  };
}
