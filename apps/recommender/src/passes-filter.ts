import {
  distanceM,
  type ContentItem,
  type ItemView,
  type ItemViews,
  type RankingRule,
} from "@signalpath/domain";
import type { ContentFilter } from "@signalpath/ports";

/** What a content search does with a filter, for items that were asked for by id. */
export function passesFilter(view: ItemView, filter: ContentFilter): boolean {
  const { seen, exclude, tag, within, nowMs } = filter;
  // Comparisons with NaN are false: an absent date hides nothing.
  if (view.publishedMs > nowMs || view.expiresMs <= nowMs) return false;
  if (seen?.has(view.hash) || exclude?.has(view.id)) return false;
  if (tag !== undefined && !view.tagKeys.has(tag)) return false;
  if (within === undefined) return true;
  const { lat, lon } = view.item;
  if (lat === undefined || lon === undefined) return false;
  return distanceM(within.point, { lat, lon }) <= within.radiusM;
}

/** Tells the items that a rule takes out of every list; undefined = none of the rules excludes. */
export function takenOutBy(
  rules: readonly RankingRule[],
  views: ItemViews,
): ((item: ContentItem) => boolean) | undefined {
  const ids = new Set<string>();
  const tags: string[] = [];
  for (const { kind, item_id, tag } of rules) {
    if (kind !== "exclude") continue;
    if (item_id !== null) ids.add(item_id);
    else if (tag !== null) tags.push(tag);
  }
  if (tags.length > 0) {
    return (item) => {
      const { id, tagKeys } = views.view(item);
      return ids.has(id) || tags.some((tag) => tagKeys.has(tag));
    };
  }
  return ids.size === 0 ? undefined : ({ item_id }) => ids.has(item_id);
}
