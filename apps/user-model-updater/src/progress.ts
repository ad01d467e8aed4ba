/** What was archived earlier than this without being applied is no longer waited for, milliseconds. */
const OWED_MS = 15 * 60_000;

/** Which archived events may not have reached the buffers yet. */
export interface Progress {
  /** Runs a batch of effects; `applied_at` stays before its start until it ends. */
  track<T>(startedAtMs: number, work: () => Promise<T>): Promise<T>;
  /** A delivery that comes again: archived at `atMs`, not applied. */
  owe(sequence: number, atMs: number): void;
  paid(sequence: number): void;
  owes(sequence: number): boolean;
  /** Everything archived here before that moment is applied, milliseconds. */
  appliedUntil(nowMs: number): number;
  /** Resolves when all work that runs now has ended. */
  settled(): Promise<void>;
}

export function createProgress(): Progress {
  const running = new Map<Promise<unknown>, number>();
  const owed = new Map<number, number>();
  return {
    async track(startedAtMs, work) {
      const run = work();
      running.set(run, startedAtMs);
      try {
        return await run;
      } finally {
        running.delete(run);
      }
    },
    owe(sequence, atMs) {
      if (!owed.has(sequence)) owed.set(sequence, atMs);
    },
    paid: (sequence) => void owed.delete(sequence),
    owes: (sequence) => owed.has(sequence),
    appliedUntil(nowMs) {
      let until = nowMs;
      for (const startedAt of running.values()) until = Math.min(until, startedAt);
      for (const [sequence, at] of owed) {
        // Another replica has it by now, or it went to the dead letters there.
        if (at < nowMs - OWED_MS) owed.delete(sequence);
        else until = Math.min(until, at);
      }
      return until;
    },
    settled: async () => void (await Promise.allSettled(running.keys())),
  };
}
