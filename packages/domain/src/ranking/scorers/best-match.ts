import type { RankingConfig } from "../config.ts";
import type { Anchor } from "../person.ts";
import type { PoolRows } from "../pool-rows.ts";
import type { Pool } from "../pool.ts";

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
 * @param anchors strongest first, which is relied on: what a stronger one has settled by tags is not
 *   compared with weaker ones. The first of two equal matches is named.
 * @param vectorAnchors how many of them have their vectors compared: it is the dearest comparison,
 *   and a weak anchor can give little.
 */
export function bestMatches(
  { indexOf, views }: Pool,
  rows: PoolRows,
  anchors: readonly Anchor[],
  match: RankingConfig["match"],
  vectorAnchors: number,
): Matches {
  const n = views.length;
  const values = new Float64Array(n);
  const best = new Int32Array(n).fill(-1);
  /** Candidates that tags may still help: anchors get weaker, so what is settled stays settled. */
  const open = new Int32Array(n);
  for (let at = 0; at < n; at++) open[at] = at;
  let left = n;
  for (let a = 0; a < anchors.length; a++) {
    const { weight, view, neighbours } = anchors[a]!;
    for (const { item_id, similarity } of neighbours) {
      const at = indexOf.get(item_id);
      if (at === undefined) continue;
      const value = weight * similarity * match.neighbour;
      if (value <= values[at]!) continue;
      values[at] = value;
      best[at] = a;
    }
    if (view === undefined) continue;
    if (a < vectorAnchors && match.vector > 0 && view.unit !== undefined) {
      const factor = weight * match.vector;
      const cosines = rows.cosines(view.unit);
      for (let at = 0; at < n; at++) {
        const value = factor * cosines[at]!;
        if (value <= values[at]!) continue;
        values[at] = value;
        best[at] = a;
      }
    }
    if (match.tag === 0 || view.tags.length === 0) continue;
    const factor = weight * match.tag;
    let kept = 0;
    for (let i = 0; i < left; i++) if (values[open[i]!]! < factor) open[kept++] = open[i]!;
    left = kept;
    const cosines = rows.tagCosines(view, open, left);
    for (let i = 0; i < left; i++) {
      const at = open[i]!;
      const value = factor * cosines[i]!;
      if (value <= values[at]!) continue;
      values[at] = value;
      best[at] = a;
    }
  }
  return { values, anchors: best };
}
