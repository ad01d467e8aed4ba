import type { LiveGap, LiveSecond, VerdictCounts, VerdictFact } from "@signalpath/contracts";

/** Verdicts kept for looking at; older ones are only counted. */
export const KEPT = 500;
/** Seconds kept for rates and the histogram. */
export const SECONDS = 60;

/** A verdict with a number of its own, so that rows keep their identity. */
export interface Seen extends VerdictFact {
  key: number;
}

/** What the page knows of the stream since it was opened. */
export interface LiveState {
  /** Newest first, `KEPT` at most. */
  verdicts: readonly Seen[];
  /** Oldest first, `SECONDS` at most. */
  seconds: readonly LiveSecond[];
  totals: VerdictCounts;
  /** Verdicts that came as events; less than all in `totals` when the stream is a sample. */
  told: number;
  /** Newest gap; undefined = nothing was left out. */
  gap: LiveGap | undefined;
  next: number;
}

export const EMPTY: LiveState = {
  verdicts: [],
  seconds: [],
  totals: { accepted: 0, duplicate: 0, ignored: 0, expired: 0, dead_lettered: 0 },
  told: 0,
  gap: undefined,
  next: 0,
};

/** Events that came since the page was last drawn. */
export interface Arrived {
  verdicts: readonly VerdictFact[];
  seconds: readonly LiveSecond[];
  gaps: readonly LiveGap[];
}

/** The state behind what arrived, in one step whatever came: drawing happens a few times a second. */
export function withArrived(state: LiveState, { verdicts, seconds, gaps }: Arrived): LiveState {
  const totals = { ...state.totals };
  let told = state.told;
  for (const second of seconds) {
    for (const name of NAMES) totals[name] += second.totals[name];
    told += second.told;
  }
  const newest = verdicts.slice(-KEPT).map((verdict, at) => ({ ...verdict, key: state.next + at }));
  return {
    verdicts: [...newest.toReversed(), ...state.verdicts].slice(0, KEPT),
    seconds: [...state.seconds, ...seconds].slice(-SECONDS),
    totals,
    told,
    gap: gaps.at(-1) ?? state.gap,
    next: state.next + newest.length,
  };
}

export const NAMES = ["accepted", "duplicate", "ignored", "expired", "dead_lettered"] as const;

/** Items of one second. */
export function sumOf(totals: VerdictCounts): number {
  return NAMES.reduce((sum, name) => sum + totals[name], 0);
}

/**
 * Freshness of the kept seconds together.
 * @returns bins with their upper bound in words; the last one is above all bounds.
 */
export function freshnessOf(
  seconds: readonly LiveSecond[],
  say: (ms: number) => string,
): { label: string; count: number }[] {
  const bounds = seconds.at(-1)?.freshness.bounds_ms ?? [];
  const labels = [...bounds.map((ms) => `≤ ${say(ms)}`), "more"];
  return labels.map((label, at) => ({
    label,
    count: seconds.reduce((sum, { freshness }) => sum + (freshness.counts[at] ?? 0), 0),
  }));
}

/** Whether a verdict is one that was asked for; an empty filter takes all. */
export function fits(verdict: VerdictFact, filter: { verdict: string; text: string }): boolean {
  if (filter.verdict !== "" && verdict.verdict !== filter.verdict) return false;
  const text = filter.text.trim().toLowerCase();
  if (text === "") return true;
  const { item_id, user, subject, code } = verdict;
  return [item_id, user, subject, code].some((part) => part?.toLowerCase().includes(text) === true);
}
