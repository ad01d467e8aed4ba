import {
  buildUserSignals,
  type ContentItem,
  type RankingRule,
  type SignalEvent,
} from "@signalpath/domain";
import { createMemoryContentStore, type ContentStore } from "@signalpath/ports";
import { describe, expect, test } from "vitest";

import { createMakeList, type ListParameters } from "./make-list.ts";
import { sampleRule } from "./sample-rule.ts";

const PROJECT = 1;
const NOW_MS = Date.UTC(2026, 5, 12, 12);
const at = (minutesAgo: number) => new Date(NOW_MS - minutesAgo * 60_000).toISOString();

/** Items of one theme; the taste of the warm person is nearer to the bad ones. */
const themed = (label: string, count: number, minutesAgo: number): ContentItem[] =>
  Array.from({ length: count }, (_, n) => ({
    item_id: `${label}-${n}`,
    title: label,
    tags: [{ facet: "theme", label }],
    vector: label === "bad" ? [1, n / 1_000] : [n / 1_000, 1],
    published_at: at(minutesAgo + n),
  }));
const BAD = themed("bad", 600, 0);
const GOOD = themed("good", 60, 10_000);
const PLACED: ContentItem = { item_id: "here", title: "here", tags: [], lat: 50, lon: 8 };

const event = (serial: number, itemId: string): SignalEvent => ({
  event_id: `e-${serial}`,
  project_id: PROJECT,
  user_id: "ann",
  kind: "feedback",
  item_id: itemId,
  reaction: "like",
  occurred_at: at(60 - serial),
  received_at: at(60 - serial),
});
const byId = new Map([...BAD, ...GOOD].map((item) => [item.item_id, item]));
const WARM = buildUserSignals([event(1, "bad-3"), event(2, "bad-9")], (id) => byId.get(id));
const people = [
  ["cold", undefined],
  ["warm", WARM],
] as const;

let nextId = 1;
const exclusion = (about: { item_id: string } | { tag: string }): RankingRule =>
  sampleRule({ id: nextId++, ...about });

async function storeOf(items: readonly ContentItem[]): Promise<ContentStore> {
  const content = createMemoryContentStore();
  await content.upsert(PROJECT, items);
  return content;
}

const wanted = (parts: Partial<ListParameters> = {}): ListParameters => ({
  limit: 20,
  tag: undefined,
  exclude: [],
  near: undefined,
  radiusM: undefined,
  explain: false,
  ...parts,
});
const moment = (rules: readonly RankingRule[] = []) => ({
  snapshot: undefined,
  nowMs: NOW_MS,
  catalogueVersion: 1,
  rules: { key: JSON.stringify(rules.map(({ id }) => id)), rules },
});
const themes = (items: readonly { item_id: string }[]) => [
  ...new Set(items.map(({ item_id }) => item_id.split("-")[0])),
];

describe.each(people)("a list of a %s person is full while enough may be shown", (_name, model) => {
  test("an excluded tag is on all that the searches find first", async () => {
    const makeList = createMakeList(await storeOf([...BAD, ...GOOD]));
    const rule = exclusion({ tag: "theme:bad" });
    const { ranking } = await makeList(PROJECT, model, wanted(), moment([rule]));
    expect(ranking.items).toHaveLength(20);
    expect(themes(ranking.items)).toEqual(["good"]);
    const [count] = ranking.rules;
    expect(count).toMatchObject({ rule_id: rule.id, kind: "exclude" });
    expect(count?.candidates).toBeGreaterThan(0);
    // The pool before holds for the rules before.
    const free = await makeList(PROJECT, model, wanted(), moment());
    expect(themes(free.ranking.items)).toContain("bad");
  });

  test("a feed reaches every allowed item, page by page", async () => {
    const makeList = createMakeList(await storeOf([...BAD, ...GOOD]));
    const rules = moment([exclusion({ tag: "theme:bad" })]);
    const shown: string[] = [];
    for (let page = 0; page < 4; page++) {
      const { ranking } = await makeList(PROJECT, model, wanted({ exclude: shown }), rules);
      shown.push(...ranking.items.map(({ item_id }) => item_id));
    }
    expect(shown.toSorted()).toEqual(GOOD.map(({ item_id }) => item_id).sort());
  });

  test("more items are excluded by name than searches find more", async () => {
    const bad = themed("bad", 1_200, 0);
    const makeList = createMakeList(await storeOf([...bad, ...GOOD]));
    const rules = bad.map(({ item_id }) => exclusion({ item_id }));
    const { ranking } = await makeList(PROJECT, model, wanted(), moment(rules));
    expect(ranking.items).toHaveLength(20);
    expect(themes(ranking.items)).toEqual(["good"]);
  });

  test("the request excludes more than a thousand", async () => {
    const bad = themed("bad", 1_200, 0);
    const makeList = createMakeList(await storeOf([...bad, ...GOOD]));
    const exclude = bad.map(({ item_id }) => item_id);
    for (const limit of [20, 60]) {
      const { ranking } = await makeList(PROJECT, model, wanted({ exclude, limit }), moment());
      expect(ranking.items).toHaveLength(limit);
      expect(themes(ranking.items)).toEqual(["good"]);
    }
    // Another such request is not answered from the pool of this one.
    const others = exclude.map((id) => (id === "bad-7" ? "good-7" : id));
    const { ranking } = await makeList(
      PROJECT,
      model,
      wanted({ exclude: others, limit: 100 }),
      moment(),
    );
    const ids = ranking.items.map(({ item_id }) => item_id);
    expect(ids).not.toContain("good-7");
    expect(ids.includes("bad-7")).toBe(true);
  });
});

test("nothing is searched twice where no rule excludes what was found", async () => {
  const content = await storeOf([...BAD, ...GOOD]);
  const asked: number[] = [];
  const makeList = createMakeList({
    ...content,
    newest: (projectId, k, filter) => {
      asked.push(k);
      return content.newest(projectId, k, filter);
    },
  });
  await makeList(PROJECT, undefined, wanted(), moment());
  await makeList(PROJECT, undefined, wanted(), moment([exclusion({ tag: "theme:other" })]));
  expect(asked).toHaveLength(2);
});

test("what trends and where a person is changes without their own searches being made again", async () => {
  const content = await storeOf([...BAD, ...GOOD, PLACED]);
  let searches = 0;
  const counting: ContentStore = {
    ...content,
    searchVector: (...args) => {
      searches++;
      return content.searchVector(...args);
    },
  };
  const makeList = createMakeList(counting);
  const near = { lat: 50, lon: 8 };
  const snapshotOf = (revision: number, hot: string) => ({
    revision,
    tickMs: NOW_MS,
    signals: new Map([[hot, { trend: 1, quality: 1, popularity: 1 }]]),
    hours: () => [],
    neighbours: () => [],
    neighboursComputedAt: undefined,
  });
  const first = { ...moment(), snapshot: snapshotOf(1, "good-7") };
  const trends = { ...moment(), snapshot: snapshotOf(2, "good-8") };
  const steps = [
    { now: first, wishes: wanted(), isSearched: true },
    { now: trends, wishes: wanted(), isSearched: false },
    { now: trends, wishes: wanted({ near }), isSearched: false },
    { now: trends, wishes: wanted({ near, radiusM: 100 }), isSearched: true },
    { now: trends, wishes: wanted({ tag: "theme:good" }), isSearched: true },
    { now: { ...trends, catalogueVersion: 2 }, wishes: wanted(), isSearched: true },
    {
      now: { ...trends, catalogueVersion: 2, nowMs: NOW_MS + 10_000 },
      wishes: wanted(),
      isSearched: true,
    },
  ];
  for (const { now, wishes, isSearched } of steps) {
    const before = searches;
    const made = await makeList(PROJECT, WARM, wishes, now);
    expect(searches > before).toBe(isSearched);
    expect(made).toEqual(await createMakeList(content)(PROJECT, WARM, wishes, now));
  }
  const { ranking } = await makeList(PROJECT, WARM, wanted({ near, limit: 100 }), trends);
  expect(ranking.sources).toMatchObject({ near: 1, trending: 1 });
});

test("a catalogue of which nothing may be shown is searched to its end and no further", async () => {
  const makeList = createMakeList(await storeOf(BAD));
  const rules = moment([exclusion({ tag: "theme:bad" })]);
  const { ranking } = await makeList(PROJECT, undefined, wanted(), rules);
  expect(ranking.items).toEqual([]);
  expect(ranking.rules[0]?.candidates).toBeGreaterThan(0);
});
