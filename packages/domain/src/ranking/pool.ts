import type { ItemView, ItemViews } from "./item-view.ts";
import { CANDIDATE_SOURCES, type Candidate, type CandidateSource } from "./types.ts";

/** The candidates that may be shown, each once. */
export interface Pool {
  views: ItemView[];
  indexOf: ReadonlyMap<string, number>;
  /** By candidate: which sources found it, bit i for the i-th of `CANDIDATE_SOURCES`. */
  sources: Uint16Array;
  /** Number of a tag in the views; -1 when none of them carries it. */
  tagNumber: (key: string) => number;
}

export interface PoolFilter {
  /** Hashes of item ids that are not shown again. */
  seen: ReadonlySet<number>;
  /** item id -> ISO time. */
  hiddenUntil: Readonly<Record<string, string>>;
  nowMs: number;
}

/**
 * Leaves out what was seen, is hidden for now, is not yet published or has expired, and joins
 * candidates that name the same item (their sources are united).
 */
export function buildPool(
  candidates: readonly Candidate[],
  views: ItemViews,
  filter: PoolFilter,
): Pool {
  const { seen, nowMs } = filter;
  const hidden = hiddenNow(filter);
  const kept: ItemView[] = [];
  const bits: number[] = [];
  const indexOf = new Map<string, number>();
  for (const { item, sources } of candidates) {
    const at = indexOf.get(item.item_id);
    if (at !== undefined) {
      bits[at] = bits[at]! | bitsOf(sources);
      continue;
    }
    const view = views.view(item);
    if (seen.has(view.hash) || hidden.has(view.id)) continue;
    // Comparisons with NaN are false: an absent date hides nothing.
    if (view.publishedMs > nowMs || view.expiresMs <= nowMs) continue;
    indexOf.set(view.id, kept.length);
    kept.push(view);
    bits.push(bitsOf(sources));
  }
  return {
    views: kept,
    indexOf,
    sources: Uint16Array.from(bits),
    tagNumber: (key) => views.tagNumber(key),
  };
}

function hiddenNow({ hiddenUntil, nowMs }: PoolFilter): Set<string> {
  const hidden = new Set<string>();
  for (const [id, until] of Object.entries(hiddenUntil)) {
    if (Date.parse(until) > nowMs) hidden.add(id);
  }
  return hidden;
}

/**
 * How many candidates each source found, sources without any left out.
 *
 * @param out by candidate: 1 = it counts as if it were none; absent = all count.
 */
export function countSources(
  sources: Uint16Array,
  out?: Uint8Array,
): Partial<Record<CandidateSource, number>> {
  const perBit = new Int32Array(CANDIDATE_SOURCES.length);
  for (let at = 0; at < sources.length; at++) {
    if (out?.[at] === 1) continue;
    const bits = sources[at]!;
    for (let i = 0; i < perBit.length; i++) perBit[i] = perBit[i]! + ((bits >> i) & 1);
  }
  const counts: Partial<Record<CandidateSource, number>> = {};
  for (const [i, source] of CANDIDATE_SOURCES.entries()) {
    if (perBit[i]! > 0) counts[source] = perBit[i]!;
  }
  return counts;
}

function bitsOf(sources: readonly CandidateSource[]): number {
  let bits = 0;
  for (const source of sources) bits |= 1 << CANDIDATE_SOURCES.indexOf(source);
  return bits;
}
