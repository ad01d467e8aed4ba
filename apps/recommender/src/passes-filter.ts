import { distanceM, hash32, tagKey, type ContentItem, type RankingRule } from "@signalpath/domain";
import type { ContentFilter } from "@signalpath/ports";

/** What a content search does with a filter, for items that were asked for by id. */
export function passesFilter(item: ContentItem, filter: ContentFilter): boolean {
  return passesById(item.item_id, filter) && passesByContent(item, filter);
}

/** The part that needs no content. */
export function passesById(itemId: string, { exclude, seen }: ContentFilter): boolean {
  return !exclude?.has(itemId) && !seen?.has(hash32(itemId));
}

/** The rest. */
export function passesByContent(item: ContentItem, { tag, within, nowMs }: ContentFilter): boolean {
  if (item.published_at !== undefined && Date.parse(item.published_at) > nowMs) return false;
  if (item.expires_at !== undefined && Date.parse(item.expires_at) <= nowMs) return false;
  if (tag !== undefined && !item.tags.some((one) => tagKey(one) === tag)) return false;
  if (within === undefined) return true;
  const { lat, lon } = item;
  if (lat === undefined || lon === undefined) return false;
  return distanceM(within.point, { lat, lon }) <= within.radiusM;
}

/** Tells the items that a rule takes out of every list; undefined = none of the rules excludes. */
export function takenOutBy(
  rules: readonly RankingRule[],
): ((item: ContentItem) => boolean) | undefined {
  const excluding = rules.filter(({ kind }) => kind === "exclude");
  if (excluding.length === 0) return undefined;
  const ids = new Set(excluding.map((rule) => rule.item_id));
  const tags = new Set(excluding.map((rule) => (rule.item_id === null ? rule.tag : null)));
  return (item) => ids.has(item.item_id) || item.tags.some((one) => tags.has(tagKey(one)));
}
