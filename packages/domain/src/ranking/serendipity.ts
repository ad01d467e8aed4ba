import { compareCodePoints } from "../events/order.ts";
import type { ItemView } from "./item-view.ts";
import type { ScorerValues } from "./score-pool.ts";

/** What became of the slot; all but the first say why there is none. */
export const SERENDIPITY_OUTCOMES = [
  "placed",
  "off",
  "cold",
  "list_too_short",
  "nothing_far",
  "learned",
] as const;
export type SerendipityOutcome = (typeof SERENDIPITY_OUTCOMES)[number];

/** Places (from 0) the slot may have, the preferred one first. */
const PLACES = [2, 3];
/** An item this like the person's taste, in any respect, is no surprise. */
const MOST_ALIKE = 0.2;

/** The surprising item and its place, or why there is none. */
export type SerendipityChoice =
  | { outcome: "placed"; at: number; place: number }
  | { outcome: "list_too_short" | "nothing_far" };

/**
 * One item far from the taste: unlike it by vector, by liked items and by tags, without anything
 * the person is averse to, not in the list otherwise; of these the best received one (quality, then
 * trend, then freshness), ties by item id. It stands at the third place, at the fourth where the
 * third is pinned.
 *
 * @param list candidates in their order; `limit` of them are shown.
 * @param options.out by candidate: 1 = it counts as if it were none; absent = all count.
 */
export function chooseSerendipity(
  views: readonly ItemView[],
  values: ScorerValues,
  list: readonly number[],
  options: { limit: number; pinned: ReadonlySet<number>; out?: Uint8Array | undefined },
): SerendipityChoice {
  const { limit, pinned, out } = options;
  const length = Math.min(limit, list.length);
  const place = PLACES.find((one) => one < length && !pinned.has(list[one]!));
  if (place === undefined) return { outcome: "list_too_short" };
  const listed = new Set(list.slice(0, limit));
  const of = (name: keyof ScorerValues, at: number): number => values[name]?.[at] ?? 0;
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < views.length; at++) {
    if (out?.[at] === 1 || listed.has(at) || of("aversion", at) > 0) continue;
    const alike = Math.max(of("semantic", at), of("affinity", at), of("tag", at));
    if (alike > MOST_ALIKE) continue;
    const merit = of("quality", at) + 0.5 * of("trend", at) + 0.25 * of("freshness", at);
    const isBetter =
      merit > most || (merit === most && compareCodePoints(views[at]!.id, views[best]!.id) < 0);
    if (!isBetter) continue;
    most = merit;
    best = at;
  }
  return best < 0 ? { outcome: "nothing_far" } : { outcome: "placed", at: best, place };
}
