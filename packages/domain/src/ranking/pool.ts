import type { ItemView, ItemViews } from "./item-view.ts";
import type { Candidate, CandidateSource } from "./types.ts";

/** The candidates that may be shown, each once. */
export interface Pool {
  views: ItemView[];
  indexOf: ReadonlyMap<string, number>;
  sources: Partial<Record<CandidateSource, number>>;
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
  const sourcesOf: (readonly CandidateSource[])[] = [];
  const indexOf = new Map<string, number>();
  for (const { item, sources } of candidates) {
    const at = indexOf.get(item.item_id);
    if (at !== undefined) {
      sourcesOf[at] = [...sourcesOf[at]!, ...sources];
      continue;
    }
    const view = views.view(item);
    if (seen.has(view.hash) || hidden.has(view.id)) continue;
    // Comparisons with NaN are false: an absent date hides nothing.
    if (view.publishedMs > nowMs || view.expiresMs <= nowMs) continue;
    indexOf.set(view.id, kept.length);
    kept.push(view);
    sourcesOf.push(sources);
  }
  return { views: kept, indexOf, sources: countSources(sourcesOf) };
}

function hiddenNow({ hiddenUntil, nowMs }: PoolFilter): Set<string> {
  const hidden = new Set<string>();
  for (const [id, until] of Object.entries(hiddenUntil)) {
    if (Date.parse(until) > nowMs) hidden.add(id);
  }
  return hidden;
}

function countSources(
  sourcesOf: readonly (readonly CandidateSource[])[],
): Partial<Record<CandidateSource, number>> {
  const counts: Partial<Record<CandidateSource, number>> = {};
  for (const sources of sourcesOf) {
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i]!;
      if (sources.indexOf(source) === i) counts[source] = (counts[source] ?? 0) + 1;
    }
  }
  return counts;
}
