import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { rankingConfig } from "./config.ts";
import { createPoolScorer, type ListOptions } from "./pool-scorer.ts";
import { placePins } from "./rule-effects.ts";
import { createRuleBook, type RankingRule } from "./rules.ts";
import {
  SAMPLE_NOW_MS,
  sampleInput,
  sampleItem,
  sampleModel,
  sampleRule,
  topics,
} from "./sample-ranking.ts";

let nextId = 1;
const rule = (parts: Partial<RankingRule>) => sampleRule({ id: nextId++, ...parts });
const config = rankingConfig({ mmrLambda: 1, tagCap: { max: 99, window: 99 } });
const items = Array.from({ length: 8 }, (_, n) =>
  sampleItem(`i${n}`, { tags: topics(n % 2 === 0 ? "even" : "odd") }),
);
/** Better received the smaller its number: the plain order is i0, i1, ... */
const itemSignals = (id: string) => {
  const merit = 1 - Number(id.slice(1)) / 10;
  return { trend: merit, quality: merit, popularity: merit };
};
function listOf(options: Partial<ListOptions>, parts = {}) {
  const input = sampleInput(items, { itemSignals, ...parts });
  const scored = createPoolScorer(config)(input, config);
  return scored.list({ exclude: new Set(), limit: 5, reasonsPerItem: 1, ...options }).ranking;
}
const ids = (ranking: { items: { item_id: string }[] }) =>
  ranking.items.map(({ item_id }) => item_id);

describe("rules", () => {
  test("a pin stands where it is wanted, the others keep their order, and both say so", () => {
    const pin = rule({ kind: "pin", item_id: "i7", place: 2 });
    const ranking = listOf({ rules: [pin] });
    expect(ids(ranking)).toEqual(["i0", "i7", "i1", "i2", "i3"]);
    expect(ranking.items[1]?.rules).toEqual([
      { rule_id: pin.id, name: "rule", kind: "pin", from_rank: null },
    ]);
    expect(ranking.items[0]?.rules).toBeUndefined();
    expect(ranking.rules).toMatchObject([{ rule_id: pin.id, candidates: 1 }]);
  });

  test("boost and bury move by a contribution of their own and name the rank before", () => {
    const boost = rule({ kind: "boost", item_id: "i4", strength: 1 });
    const bury = rule({ kind: "bury", item_id: "i0", strength: 1 });
    const ranking = listOf({ rules: [boost, bury], limit: 8 });
    const [first] = ranking.items;
    const last = ranking.items.at(-1);
    expect(first).toMatchObject({ item_id: "i4", contributions: { boost: 1 } });
    expect(first?.rules).toMatchObject([{ kind: "boost", from_rank: 5 }]);
    expect(last).toMatchObject({ item_id: "i0", score: 0, contributions: { bury: -1 } });
    expect(last?.rules).toMatchObject([{ kind: "bury", from_rank: 1 }]);
  });

  test("an exclusion by tag leaves nothing of it, and is counted", () => {
    const exclude = rule({ kind: "exclude", tag: "topic:even" });
    const ranking = listOf({ rules: [exclude] });
    expect(ids(ranking)).toEqual(["i1", "i3", "i5", "i7"]);
    expect(ranking.rules).toMatchObject([{ kind: "exclude", candidates: 4 }]);
  });

  test("rules hold within their time, for their placement and their people", () => {
    const at = (ms: number) => new Date(SAMPLE_NOW_MS + ms).toISOString();
    const rules = [
      rule({ name: "now", from: at(0), until: at(1) }),
      rule({ name: "over", until: at(0) }),
      rule({ name: "later", from: at(1) }),
      rule({ name: "home", placement: "home" }),
      rule({ name: "pro", segment: { trait: "plan", value: "pro" } }),
    ];
    const names = (placement: string | undefined, traits: object) =>
      createRuleBook(rules, "1")
        .active({ nowMs: SAMPLE_NOW_MS, placement, traits: { ...traits } })
        .rules.map(({ name }) => name);
    expect(names(undefined, {})).toEqual(["now"]);
    expect(names("home", { plan: "free" })).toEqual(["now", "home"]);
    expect(names("cart", { plan: "pro" })).toEqual(["now", "pro"]);
  });

  test("a book gives the same selection while the same rules hold, and another key for others", () => {
    const at = (ms: number) => new Date(SAMPLE_NOW_MS + ms).toISOString();
    const pro = rule({ segment: { trait: "plan", value: "pro" } });
    const book = createRuleBook([pro, rule({ until: at(10) }), rule({ placement: "home" })], "1");
    const ask = (nowMs: number, placement?: string, traits = {}) =>
      book.active({ nowMs, placement, traits });
    const first = ask(SAMPLE_NOW_MS);
    expect(ask(SAMPLE_NOW_MS + 9, "unknown", { plan: "free" })).toBe(first);
    const others = [
      ask(SAMPLE_NOW_MS + 10),
      ask(SAMPLE_NOW_MS, "home"),
      ask(SAMPLE_NOW_MS, undefined, { plan: "pro" }),
      createRuleBook([pro], "2").active({ nowMs: 0, placement: undefined, traits: {} }),
    ];
    expect(new Set([first, ...others].map(({ key }) => key)).size).toBe(5);
  });

  test("of ten thousand rules a list names a hundred, those that met candidates first", () => {
    const many = Array.from({ length: 10_000 }, (_unused, n) =>
      rule({ kind: "boost", item_id: n >= 9_995 ? `i${n - 9_995}` : `gone-${n}`, strength: 0.1 }),
    );
    const { rules } = listOf({ rules: many });
    expect(rules).toHaveLength(100);
    expect(rules.filter(({ candidates }) => candidates === 1)).toHaveLength(5);
    expect(rules.at(-1)?.rule_id).toBe(many.at(-1)?.id);
  });

  const anyRule = fc
    .record({
      kind: fc.constantFrom<RankingRule["kind"][]>("pin", "boost", "bury", "exclude"),
      item: fc.nat(9),
      tag: fc.constantFrom(null, "topic:even", "topic:odd"),
      place: fc.integer({ min: 1, max: 12 }),
      strength: fc.integer({ min: 1, max: 10 }).map((n) => n / 10),
    })
    .map(({ kind, item, tag, place, strength }) => {
      const byTag = tag !== null && kind !== "pin";
      const about = byTag ? { tag } : { item_id: `i${item}` };
      return rule({ kind, ...about, place, strength });
    });

  test("whatever the rules, lists add up, name nothing twice and are as long as they can be", () => {
    fc.assert(
      fc.property(
        fc.array(anyRule, { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        (rules, limit) => {
          const ranking = listOf({ rules, limit });
          expect(ids(ranking)).toHaveLength(Math.min(limit, ranking.pool_size));
          expect(new Set(ids(ranking)).size).toBe(ranking.items.length);
          for (const { score, contributions } of ranking.items) {
            const sum = Object.values(contributions).reduce((total, part) => total + part, 0);
            expect(Math.abs(sum - score)).toBeLessThan(1e-9);
            expect(score).toBeGreaterThanOrEqual(0);
          }
          expect(listOf({ rules, limit })).toEqual(ranking);
        },
      ),
    );
  });

  test("two pins for one place stand one after the other; one behind the end comes last", () => {
    const pins = [
      { at: 8, place: 0 },
      { at: 9, place: 0 },
    ];
    expect(placePins([0, 1, 2], pins, 4)).toEqual([8, 9, 0, 1]);
    expect(placePins([0, 1], [{ at: 9, place: 3 }], 4)).toEqual([0, 1, 9]);
  });
});

describe("serendipity", () => {
  const model = sampleModel({ positives: { liked: 1 }, tag_affinity: { "topic:even": 1 } });

  test("one item unlike the taste stands at the third place, marked", () => {
    const ranking = listOf({ serendipity: true, limit: 3 }, { model });
    expect(ranking.serendipity).toBe("placed");
    expect(ranking.items[2]).toMatchObject({ role: "serendipity", rank: 3 });
    expect(ranking.items[2]?.contributions["tag"]).toBeUndefined();
    expect(ranking.items.filter(({ role }) => role === "serendipity")).toHaveLength(1);
  });

  test("its absence is explained", () => {
    expect(listOf({}, { model }).serendipity).toBe("off");
    expect(listOf({ serendipity: true }).serendipity).toBe("cold");
    expect(listOf({ serendipity: true, limit: 2 }, { model }).serendipity).toBe("list_too_short");
    const own = { model, candidates: sampleInput(items.filter((_, n) => n % 2 === 0)).candidates };
    expect(listOf({ serendipity: true, limit: 3 }, own).serendipity).toBe("nothing_far");
  });

  test("gives way to a pin of its place", () => {
    const pin = rule({ kind: "pin", item_id: "i7", place: 3 });
    const ranking = listOf({ serendipity: true, limit: 5, rules: [pin] }, { model });
    expect(ranking.items[2]?.item_id).toBe("i7");
    expect(ranking.items[3]?.role).toBe("serendipity");
  });
});
