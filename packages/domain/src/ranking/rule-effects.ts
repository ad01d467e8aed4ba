import type { Pool } from "./pool.ts";
import type { AppliedRule, RankingRule, RuleCount } from "./rules.ts";
import type { RankedItem } from "./types.ts";

/** Rules a list names as having held; those that met candidates first. */
const COUNTS_SHOWN = 100;

/** The rules of a list and the candidates of its pool, brought together once. */
export interface MetRules {
  /** By candidate: 1 = a rule takes it out; undefined = none does. */
  excluded: Uint8Array | undefined;
  /** What boosts add and buries take, by candidate; undefined = nothing anywhere. */
  boost: Float64Array | undefined;
  bury: Float64Array | undefined;
  /** By candidate: the rules that move it. */
  moving: ReadonlyMap<number, readonly RankingRule[]>;
  /** Every rule with the places of the candidates it is about. */
  pairs: readonly { rule: RankingRule; met: readonly number[] }[];
}

/** What the rules of a list say of those candidates that count. */
export type RuleEffects = Pick<MetRules, "boost" | "bury" | "moving"> & {
  /** Places (from 0) that were asked for, by candidate; in the order in which they are given out. */
  pins: { at: number; place: number }[];
};

const NOBODY: readonly number[] = [];

/** @param rules in the order of their ids. */
export function meetRules(pool: Pool, rules: readonly RankingRule[]): MetRules {
  const n = pool.views.length;
  const carriers = carriersOf(pool, rules);
  const moving = new Map<number, RankingRule[]>();
  const sums: { boost?: Float64Array; bury?: Float64Array } = {};
  let excluded: Uint8Array | undefined;
  const pairs = rules.map((rule) => {
    const { kind, item_id, tag, strength } = rule;
    const at = item_id === null ? undefined : pool.indexOf.get(item_id);
    const met = at === undefined ? (item_id === null && carriers.get(tag ?? "")) || NOBODY : [at];
    for (const one of met) {
      if (kind === "exclude") {
        excluded ??= new Uint8Array(n);
        excluded[one] = 1;
        continue;
      }
      const own = moving.get(one);
      if (own === undefined) moving.set(one, [rule]);
      else own.push(rule);
      if (kind === "pin") continue;
      const sum = (sums[kind] ??= new Float64Array(n));
      sum[one] = sum[one]! + (strength ?? 0);
    }
    return { rule, met };
  });
  return { excluded, boost: sums.boost, bury: sums.bury, moving, pairs };
}

/** Places of the candidates with each tag that a rule names. */
function carriersOf({ views, tagNumber }: Pool, rules: readonly RankingRule[]) {
  const carriers = new Map<string, number[]>();
  for (const { item_id, tag } of rules) {
    if (item_id !== null || tag === null || carriers.has(tag)) continue;
    // -1, of a tag that nothing has, is the number of none.
    const number = tagNumber(tag);
    const places: number[] = [];
    for (let at = 0; at < views.length; at++) {
      if (views[at]!.tags.includes(number)) places.push(at);
    }
    carriers.set(tag, places);
  }
  return carriers;
}

/** @param out by candidate: 1 = it counts as if it were none; absent = all count. */
export function effectsAmong(met: MetRules, out: Uint8Array | undefined): RuleEffects {
  const { boost, bury, moving, pairs } = met;
  const pins: RuleEffects["pins"] = [];
  for (const { rule, met: places } of pairs) {
    if (rule.kind !== "pin") continue;
    for (const at of places) if (out?.[at] !== 1) pins.push({ at, place: (rule.place ?? 1) - 1 });
  }
  pins.sort((a, b) => a.place - b.place);
  return { boost, bury, moving, pins };
}

/**
 * How many candidates each rule met, by its id; an excluding rule is counted among all of them, any
 * other among those that count. Of more than a hundred rules those that met nothing give way first,
 * then the later ones.
 */
export function countRules({ pairs }: MetRules, out: Uint8Array | undefined): RuleCount[] {
  const counts = pairs.map(({ rule: { id, name, kind }, met }): RuleCount => {
    let candidates = met.length;
    if (kind !== "exclude" && out !== undefined) for (const at of met) candidates -= out[at]!;
    return { rule_id: id, name, kind, candidates };
  });
  if (counts.length <= COUNTS_SHOWN) return counts;
  return [
    ...counts.filter(({ candidates }) => candidates > 0),
    ...counts.filter(({ candidates }) => candidates === 0),
  ]
    .slice(0, COUNTS_SHOWN)
    .sort((a, b) => a.rule_id - b.rule_id);
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
