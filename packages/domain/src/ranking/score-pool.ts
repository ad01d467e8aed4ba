import type { RankingConfig } from "./config.ts";
import type { Person } from "./person.ts";
import { createPoolRows } from "./pool-rows.ts";
import type { Pool } from "./pool.ts";
import { aversionScores } from "./scorers/aversion.ts";
import { bestMatches } from "./scorers/best-match.ts";
import { dismissalScores } from "./scorers/dismissal.ts";
import { collaborativeSums, modelScores, relativeToBest } from "./scorers/collaborative.ts";
import { freshnessScores } from "./scorers/freshness.ts";
import { geoScores } from "./scorers/geo.ts";
import { semanticScores } from "./scorers/semantic.ts";
import { statScores } from "./scorers/stats.ts";
import { tagScores } from "./scorers/tag.ts";
import { timeAlignment } from "./scorers/time.ts";
import type { RankingInput, Scorer } from "./types.ts";

/** Values of every scorer that ran, by candidate. */
export type ScorerValues = Partial<Record<Scorer, Float64Array>>;

export interface PoolScores {
  /** Those of `collaborative` are sums before `comparedScores`. */
  values: ScorerValues;
  /** Per candidate: place in `person.positives` / `person.recents` behind a value, -1 for none. */
  affinityAnchors: Int32Array;
  collaborativeAnchors: Int32Array;
  recencyAnchors: Int32Array;
}

/**
 * Runs the scorers; those about the person only when there is one. What a candidate gets here does
 * not depend on the others in the pool, so a part of the pool has the same.
 */
export function scorePool(
  pool: Pool,
  person: Person | undefined,
  input: Pick<RankingInput, "itemSignals" | "nowMs" | "near" | "profile" | "collaborative">,
  config: RankingConfig,
): PoolScores {
  const n = pool.views.length;
  const values: ScorerValues = {
    ...statScores(pool, input.itemSignals),
    freshness: freshnessScores(pool, input.nowMs, config.freshnessHalfLifeMs),
    geo: geoScores(pool, input.near, config.geoScaleM),
  };
  if (person === undefined) {
    const none = new Int32Array(n).fill(-1);
    return { values, affinityAnchors: none, collaborativeAnchors: none, recencyAnchors: none };
  }
  const strongest = person.positives.slice(0, config.affinityAnchors);
  const rows = createPoolRows(pool.views);
  const affinity = bestMatches(pool, rows, strongest, config.match, config.vectorAnchors);
  const recency = bestMatches(pool, rows, person.recents, config.match, config.vectorAnchors);
  const collaborative = collaborativeSums(pool, person.positives);
  const semantic = semanticScores(n, rows, person.taste);
  values.semantic = semantic;
  values.affinity = affinity.values;
  values.tag = tagScores(n, rows, person.affinity);
  values.recency = recency.values;
  values.collaborative =
    input.collaborative === undefined
      ? collaborative.values
      : modelScores(pool, input.collaborative);
  const { hourAlignment, dismissRate } = input.profile ?? {};
  values.time = new Float64Array(n).fill(hourAlignment ?? timeAlignment(person.hours, input.nowMs));
  if (dismissRate !== undefined) {
    const likeness = [semantic, affinity.values, values.tag];
    values.dismissal = dismissalScores(n, dismissRate, likeness);
  }
  values.aversion = aversionScores(n, rows, person.aversion, person.tasteAway, semantic);
  return {
    values,
    affinityAnchors: affinity.anchors,
    collaborativeAnchors: collaborative.anchors,
    recencyAnchors: recency.anchors,
  };
}

/**
 * The same with the sums of `collaborative` relative to the best of these candidates.
 *
 * @param out by candidate: 1 = it counts as if it were none; absent = all count.
 */
export function comparedScores(scores: PoolScores, out?: Uint8Array): PoolScores {
  const { collaborative } = scores.values;
  if (collaborative === undefined) return scores;
  const compared = relativeToBest(collaborative, out);
  return { ...scores, values: { ...scores.values, collaborative: compared } };
}
