/** Failed loads remembered at once; the oldest is forgotten first. */
const MOST = 1_000;

export interface Failures {
  /** Remembers an error for that long, milliseconds. */
  add(key: string, error: unknown, forMs: number): void;
  /** Throws the error of a key that is not to be tried yet. */
  rethrow(key: string): void;
  count(): number;
}

/** What failed not long ago, by the clock given in milliseconds. */
export function createFailures(clock: () => number): Failures {
  const failed = new Map<string, { error: unknown; until: number }>();
  const prune = (): void => {
    const now = clock();
    for (const [key, { until }] of failed) {
      if (until <= now || failed.size > MOST) failed.delete(key);
    }
  };
  return {
    add: (key, error, forMs) => {
      failed.delete(key);
      failed.set(key, { error, until: clock() + forMs });
      prune();
    },
    rethrow: (key) => {
      const known = failed.get(key);
      if (known === undefined) return;
      if (known.until > clock()) throw known.error;
      failed.delete(key);
    },
    count: () => {
      prune();
      return failed.size;
    },
  };
}
