/** One event of a stream, ready to be written. */
export interface RingEntry {
  /** Rises by 1 an entry; from 1. */
  sequence: number;
  name: "verdict" | "second" | "gap";
  data: string;
}

/** The newest events of one project, shared by all who watch it. */
export interface Ring {
  /** Names this numbering; ids of another one mean nothing here. */
  readonly epoch: string;
  push(name: RingEntry["name"], data: unknown): void;
  /**
   * What comes behind `sequence`, oldest first, at most `limit`. When more than `behind` wait, the
   * oldest verdicts are left out, never a second or a gap; `skipped` counts what was left out.
   */
  after(
    sequence: number,
    options: { behind: number; limit: number },
  ): { entries: readonly RingEntry[]; skipped: number };
  /** True when everything behind that entry is still here. */
  holds(sequence: number): boolean;
  /** Sequence of the newest entry, 0 = none yet. */
  last(): number;
  /** Resolves when something is pushed, or `wake` is called. */
  changed(): Promise<void>;
  wake(): void;
}

/** @param size entries kept; the oldest is forgotten for a new one */
export function createRing(size: number, epoch: string): Ring {
  const entries: (RingEntry | undefined)[] = Array.from({ length: size });
  let last = 0;
  let waiting: (() => void)[] = [];

  const first = (): number => Math.max(1, last - size + 1);
  const at = (sequence: number) => entries[sequence % size] as RingEntry;

  function wake(): void {
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  }

  return {
    epoch,
    push(name, data) {
      last++;
      entries[last % size] = { sequence: last, name, data: JSON.stringify(data) };
      wake();
    },
    after(sequence, { behind, limit }) {
      const oldest = Math.max(first(), sequence + 1);
      let skipped = oldest - sequence - 1;
      const taken: RingEntry[] = [];
      // Verdicts older than this are what a slow reader does without.
      const verdictsFrom = last - behind + 1;
      for (let next = oldest; next <= last && taken.length < limit; next++) {
        const entry = at(next);
        if (entry.name === "verdict" && next < verdictsFrom) skipped++;
        else taken.push(entry);
      }
      return { entries: taken, skipped };
    },
    holds: (sequence) => sequence >= first() - 1 && sequence <= last,
    last: () => last,
    changed: () => new Promise((resolve) => waiting.push(resolve)),
    wake,
  };
}
