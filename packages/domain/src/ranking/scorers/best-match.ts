import type { RankingConfig } from "../config.ts";
import type { ItemView } from "../item-view.ts";
import type { Anchor } from "../person.ts";
import type { Pool } from "../pool.ts";
import { tagCosine, unitCosine } from "../similarity.ts";

/** Values by candidate, and which anchor each came from (-1: none). */
export interface Matches {
  values: Float64Array;
  anchors: Int32Array;
}

/**
 * For every candidate the largest anchor weight x likeness, where likeness is the largest of
 * - the anchor's collaborative similarity to the candidate,
 * - the cosine of their tags,
 * - the cosine of their vectors,
 * each times its factor in `match`. A maximum and not a sum: one strong link is a reason, many weak
 * ones are what the collaborative and tag scorers count. In [0, 1].
 *
 * @param anchors strongest first; the first of two equal matches is named.
 * @param vectorAnchors how many of them have their vectors compared: it is the dearest comparison,
 *   and a weak anchor can give little.
 */
export function bestMatches(
  pool: Pool,
  anchors: readonly Anchor[],
  match: RankingConfig["match"],
  vectorAnchors: number,
): Matches {
  const { views, indexOf } = pool;
  const values = new Float64Array(views.length);
  const best = new Int32Array(views.length).fill(-1);
  for (let a = 0; a < anchors.length; a++) {
    const factors = a < vectorAnchors ? match : { ...match, vector: 0 };
    const contentFactor = Math.max(factors.tag, factors.vector);
    const { weight, view, neighbours } = anchors[a]!;
    for (const { item_id, similarity } of neighbours) {
      const at = indexOf.get(item_id);
      if (at === undefined) continue;
      const value = weight * similarity * match.neighbour;
      if (value > values[at]!) {
        values[at] = value;
        best[at] = a;
      }
    }
    if (view === undefined || contentFactor === 0) continue;
    for (let at = 0; at < views.length; at++) {
      const least = values[at]! / weight;
      // Cosines are at most 1: most candidates are settled by the strongest anchors.
      if (contentFactor <= least) continue;
      const likeness = contentLikeness(view, views[at]!, factors, least);
      if (likeness > least) {
        values[at] = weight * likeness;
        best[at] = a;
      }
    }
  }
  return { values, anchors: best };
}

/** The larger of both cosines with their factors; `least` when neither exceeds it. */
function contentLikeness(
  a: ItemView,
  b: ItemView,
  match: RankingConfig["match"],
  least: number,
): number {
  let likeness = least;
  if (match.vector > likeness) {
    likeness = Math.max(likeness, match.vector * unitCosine(a.unit, b.unit));
  }
  if (match.tag > likeness) likeness = Math.max(likeness, match.tag * tagCosine(a, b));
  return likeness;
}
