/** Lets at most `permits` run at once and at most `waiting` wait; answers false beyond that. */
export interface Semaphore {
  /** Resolves true with a permit held, false when the queue is full. */
  acquire(): Promise<boolean>;
  release(): void;
  /** Held permits and waiters. */
  load(): number;
}

export function createSemaphore(permits: number, waiting: number): Semaphore {
  let held = 0;
  const queue: (() => void)[] = [];
  return {
    async acquire() {
      if (held < permits) {
        held++;
        return true;
      }
      if (queue.length >= waiting) return false;
      await new Promise<void>((resolve) => queue.push(resolve));
      return true;
    },
    release() {
      const next = queue.shift();
      if (next === undefined) held--;
      else next();
    },
    load: () => held + queue.length,
  };
}
