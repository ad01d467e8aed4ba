import { VERDICTS, type IngestResponse } from "@signalpath/contracts";
import { z } from "zod";

const count = z.int().nonnegative();

/** What became of the events of a replay, over all its runs. */
export const replayCounts = z.object({
  sent: count,
  accepted: count,
  duplicates: count,
  ignored: count,
  expired: count,
  dead_lettered: count,
  /** Lines that are no event at all. */
  unreadable: count,
  /** Code of an item that was not stored -> how often. */
  codes: z.record(z.string(), count),
});
export type ReplayCounts = z.output<typeof replayCounts>;

export function noCounts(): ReplayCounts {
  return {
    sent: 0,
    accepted: 0,
    duplicates: 0,
    ignored: 0,
    expired: 0,
    dead_lettered: 0,
    unreadable: 0,
    codes: {},
  };
}

/** Adds one answer of the service. */
export function addAnswer(counts: ReplayCounts, answer: IngestResponse): ReplayCounts {
  const codes = { ...counts.codes };
  for (const result of answer.results) {
    const stored = result.verdict === VERDICTS[0] || result.verdict === VERDICTS[1];
    if (stored) continue;
    const code = result.code ?? result.verdict;
    codes[code] = (codes[code] ?? 0) + 1;
  }
  return {
    ...counts,
    sent: counts.sent + answer.received,
    accepted: counts.accepted + answer.accepted,
    duplicates: counts.duplicates + answer.duplicates,
    ignored: counts.ignored + answer.ignored,
    expired: counts.expired + answer.expired,
    dead_lettered: counts.dead_lettered + answer.dead_lettered,
    codes,
  };
}

/** Events the service does not hold now; duplicates it holds already. */
export function notAccepted(counts: ReplayCounts): number {
  return counts.ignored + counts.expired + counts.dead_lettered + counts.unreadable;
}
