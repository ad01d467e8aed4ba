import { tagKey } from "../content/tags.ts";
import type { ItemView } from "./item-view.ts";
import type { RankedItem } from "./types.ts";

export const RULE_KINDS = ["pin", "boost", "bury", "exclude"] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

/** What a merchandiser wants of one item, or of every item with a tag. */
export interface RankingRule {
  id: number;
  name: string;
  kind: RuleKind;
  /** One of both is given; a pin names an item. */
  item_id: string | null;
  /** Canonical tag key. */
  tag: string | null;
  /** Of a pin: where it stands, 1 is the first place. */
  place: number | null;
  /** Of a boost or a bury: what it adds to a score or takes from it, (0, 1]. */
  strength: number | null;
  /** ISO times between which it holds, `until` not included; null = no bound. */
  from: string | null;
  until: string | null;
  /** Only lists asked for this placement; null = everywhere. */
  placement: string | null;
  /** Only people whose trait has this value; null = everybody. */
  segment: { trait: string; value: string | number | boolean } | null;
}

/** How a rule touched one item of a list. */
export interface AppliedRule {
  rule_id: number;
  name: string;
  kind: Exclude<RuleKind, "exclude">;
  /** Where the item would stand without any boost, bury or pin; null = not in the list. */
  from_rank: number | null;
}

/** How many candidates a rule met. */
export interface RuleCount {
  rule_id: number;
  name: string;
  kind: RuleKind;
  candidates: number;
}

/** Whether a rule is about an item. */
export function ruleMatches(
  rule: Pick<RankingRule, "item_id" | "tag">,
  { id, item }: Pick<ItemView, "id" | "item">,
): boolean {
  if (rule.item_id !== null) return rule.item_id === id;
  return item.tags.some((tag) => tagKey(tag) === rule.tag);
}

/** Rules that hold at a moment, for a placement and a person; in the order of their ids. */
export function activeRules(
  rules: readonly RankingRule[],
  {
    nowMs,
    placement,
    traits,
  }: {
    nowMs: number;
    placement: string | undefined;
    traits: Readonly<Record<string, unknown>>;
  },
): RankingRule[] {
  return rules
    .filter(
      ({ from, until, placement: only, segment }) =>
        (from === null || Date.parse(from) <= nowMs) &&
        (until === null || nowMs < Date.parse(until)) &&
        (only === null || only === placement) &&
        (segment === null ||
          (Object.hasOwn(traits, segment.trait) && traits[segment.trait] === segment.value)),
    )
    .sort((a, b) => a.id - b.id);
}

/** What the rules of a list say of its candidates. */
export interface RuleEffects {
  /** What boosts add and buries take, by candidate; undefined = nothing anywhere. */
  boost: Float64Array | undefined;
  bury: Float64Array | undefined;
  /** Places (from 0) that were asked for, by candidate; in the order in which they are given out. */
  pins: { at: number; place: number }[];
  /** By candidate: the rules that move it. */
  moving: ReadonlyMap<number, readonly RankingRule[]>;
  counts: RuleCount[];
}

/** Meets the rules with the candidates; those of kind `exclude` are counted by `excludedBy`. */
export function ruleEffects(
  views: readonly ItemView[],
  rules: readonly RankingRule[],
): RuleEffects {
  const effects: RuleEffects & { moving: Map<number, RankingRule[]> } = {
    boost: undefined,
    bury: undefined,
    pins: [],
    moving: new Map(),
    counts: [],
  };
  for (const rule of rules) {
    const { id, name, kind, strength } = rule;
    if (kind === "exclude") continue;
    let candidates = 0;
    for (const [at, view] of views.entries()) {
      if (!ruleMatches(rule, view)) continue;
      candidates++;
      effects.moving.set(at, [...(effects.moving.get(at) ?? []), rule]);
      if (kind === "pin") effects.pins.push({ at, place: (rule.place ?? 1) - 1 });
      else {
        const sums = (effects[kind] ??= new Float64Array(views.length));
        sums[at] = sums[at]! + (strength ?? 0);
      }
    }
    effects.counts.push({ rule_id: id, name, kind, candidates });
  }
  effects.pins.sort((a, b) => a.place - b.place);
  return effects;
}

/** Ids the excluding rules take out, and how many each found. */
export function excludedBy(
  views: readonly ItemView[],
  rules: readonly RankingRule[],
): { ids: Set<string>; counts: RuleCount[] } {
  const ids = new Set<string>();
  const counts: RuleCount[] = [];
  for (const rule of rules) {
    if (rule.kind !== "exclude") continue;
    const met = views.filter((view) => ruleMatches(rule, view));
    for (const { id } of met) ids.add(id);
    const { id, name, kind } = rule;
    counts.push({ rule_id: id, name, kind, candidates: met.length });
  }
  return { ids, counts };
}

/**
 * Gives the pinned their places and lets the others move up: a place that is taken by an earlier
 * rule means the next free one, one behind the end the last.
 *
 * @param picks candidates in order, as ranked.
 * @returns at most `limit` candidates.
 */
export function placePins(
  picks: readonly number[],
  pins: RuleEffects["pins"],
  limit: number,
): number[] {
  if (pins.length === 0) return picks.slice(0, limit);
  const taken = new Map<number, number>();
  const pinned = new Set<number>();
  for (const { at, place } of pins) {
    if (pinned.has(at)) continue;
    let free = place;
    while (taken.has(free)) free++;
    if (free >= limit) continue;
    taken.set(free, at);
    pinned.add(at);
  }
  const rest = picks.filter((at) => !pinned.has(at));
  const list: number[] = [];
  for (let place = 0; list.length < limit; place++) {
    const at = taken.get(place) ?? rest.shift();
    if (at !== undefined) list.push(at);
    else if (place > limit) break;
  }
  return list;
}

/** The rules that moved an item, with the rank it had without them. */
export function appliedTo(
  at: number,
  { moving }: RuleEffects,
  unmoved: readonly number[],
): RankedItem["rules"] {
  const place = unmoved.indexOf(at);
  return moving.get(at)?.map(({ id, name, kind }) => ({
    rule_id: id,
    name,
    kind: kind as AppliedRule["kind"],
    from_rank: place < 0 ? null : place + 1,
  }));
}
