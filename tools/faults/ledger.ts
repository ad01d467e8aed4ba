/**
 * What a sender knows of a message. accepted: a 2xx said stored (or stored before). dead: a 2xx
 * said put aside. rejected: a 4xx said never. unknown: no answer, or one that leaves it open.
 */
export type Fate = "unknown" | "accepted" | "dead" | "rejected";

export interface Entry {
  fate: Fate;
  attempts: number;
}

/** Message id -> fate, and what the sender saw on the way. */
export interface Ledger {
  readonly entries: ReadonlyMap<string, Entry>;
  attempt(id: string): void;
  settle(id: string, fate: Exclude<Fate, "unknown">, atMs: number): void;
  /** Counts an answer or a failure by its name: `503`, `ECONNREFUSED`. */
  saw(what: string): void;
  readonly seen: ReadonlyMap<string, number>;
  count(fate: Fate): number;
  ids(...fates: Fate[]): string[];
  /** Longest time without a stored message, seconds, from the first one on. */
  outageSeconds(): number;
}

export function createLedger(): Ledger {
  const entries = new Map<string, Entry>();
  const seen = new Map<string, number>();
  let lastAt: number | undefined;
  let longest = 0;
  return {
    entries,
    seen,
    attempt(id) {
      const entry = entries.get(id);
      if (entry === undefined) entries.set(id, { fate: "unknown", attempts: 1 });
      else entry.attempts++;
    },
    settle(id, fate, atMs) {
      const entry = entries.get(id);
      if (entry === undefined) throw new Error(`${id} was never sent`);
      entry.fate = fate;
      if (fate !== "accepted") return;
      if (lastAt !== undefined) longest = Math.max(longest, atMs - lastAt);
      lastAt = atMs;
    },
    saw: (what) => void seen.set(what, (seen.get(what) ?? 0) + 1),
    count: (fate) => [...entries.values()].filter((entry) => entry.fate === fate).length,
    ids: (...fates) =>
      [...entries].filter(([, entry]) => fates.includes(entry.fate)).map(([id]) => id),
    outageSeconds: () => longest / 1_000,
  };
}
