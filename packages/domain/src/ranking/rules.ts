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

/** The rules of one list. */
export interface ActiveRules {
  /** Equal for equal rules of one book, and for no others. */
  key: string;
  /** In the order of their ids; the same array for the same key while the book remembers it. */
  rules: readonly RankingRule[];
}

/** What decides which rules hold for a list. */
export interface RuleMoment {
  nowMs: number;
  placement: string | undefined;
  /** Of the person the list is for. */
  traits: Readonly<Record<string, unknown>>;
}

/** A project's rules, made ready to be asked by every list. */
export interface RuleBook {
  active(moment: RuleMoment): ActiveRules;
}

/** Selections a book remembers; then it starts over. */
const REMEMBERED = 1_000;

/**
 * Between two bounds of any rule's time, for one placement and one set of matching segments, the
 * same rules hold: each such selection is made once, however many rules and lists there are.
 *
 * @param revision names this state of the rules; part of every key.
 */
export function createRuleBook(given: readonly RankingRule[], revision: string): RuleBook {
  const rules = given
    .toSorted((a, b) => a.id - b.id)
    .map((rule) => ({ rule, segment: segmentKey(rule.segment), ...msOf(rule) }));
  const bounds = Float64Array.from(
    new Set(rules.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]).filter(Number.isFinite)),
  ).sort();
  const placements = new Set(given.map((rule) => rule.placement));
  const segments = new Map(given.map(({ segment }) => [segmentKey(segment), segment]));
  const known = new Map<string, ActiveRules>();

  return {
    active({ nowMs, placement, traits }) {
      const only = placement !== undefined && placements.has(placement) ? placement : null;
      const met = [...segments].filter(([, one]) => isIn(one, traits)).map(([key]) => key);
      const passed = countUpTo(bounds, nowMs);
      const key = JSON.stringify([revision, passed, only, met]);
      const before = known.get(key);
      if (before !== undefined) return before;
      const matching = new Set(met);
      const active = rules
        .filter(
          ({ rule, segment, fromMs, untilMs }) =>
            fromMs <= nowMs &&
            nowMs < untilMs &&
            (rule.placement === null || rule.placement === only) &&
            matching.has(segment),
        )
        .map(({ rule }) => rule);
      if (known.size >= REMEMBERED) known.clear();
      known.set(key, { key, rules: active });
      return known.get(key)!;
    },
  };
}

function msOf({ from, until }: RankingRule): { fromMs: number; untilMs: number } {
  return {
    fromMs: from === null ? Number.NEGATIVE_INFINITY : Date.parse(from),
    untilMs: until === null ? Number.POSITIVE_INFINITY : Date.parse(until),
  };
}

function segmentKey(segment: RankingRule["segment"]): string {
  return segment === null ? "" : JSON.stringify([segment.trait, segment.value]);
}

function isIn(segment: RankingRule["segment"], traits: RuleMoment["traits"]): boolean {
  if (segment === null) return true;
  return Object.hasOwn(traits, segment.trait) && traits[segment.trait] === segment.value;
}

/** How many of the ascending values are at most `limit`. */
function countUpTo(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
