import { stringAt, stringCount } from "@signalpath/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { buildInteractions, type InteractionRow } from "../interactions/build.ts";
import type { Interactions } from "../interactions/types.ts";
import { divide, type SplitScheme } from "./split.ts";

const rows = (
  timed: boolean,
  [minLength, maxLength, people, items]: [number, number, number, number] = [1, 150, 25, 12],
) =>
  fc.array(
    fc.record({
      user_id: fc.integer({ min: 0, max: people }).map((n) => `u${n}`),
      item_id: fc.integer({ min: 0, max: items }).map((n) => `i${n}`),
      weight: fc.constantFrom(1, 0.5),
      ...(timed ? { time: fc.integer({ min: 0, max: 40 }) } : {}),
    }),
    { minLength, maxLength },
  ) as fc.Arbitrary<InteractionRow[]>;

/** `user item` -> time of every entry. */
function entries({ users, items, matrix, times }: Interactions): Map<string, number> {
  const found = new Map<string, number>();
  for (let user = 0; user < stringCount(users); user++) {
    for (let at = matrix.indptr[user]!; at < matrix.indptr[user + 1]!; at++) {
      const pair = `${stringAt(users, user)} ${stringAt(items, matrix.indices[at]!)}`;
      found.set(pair, times?.[at] ?? 0);
    }
  }
  return found;
}

describe.each<[SplitScheme, boolean]>([
  ["time", true],
  ["leave-last-n", true],
  ["random", true],
  ["random", false],
  ["time", false],
  ["A", true],
  ["A", false],
  ["B", true],
])("split %s, rows with times: %s", (scheme, timed) => {
  it("leaks nothing: what is asked for is in no row of the training part", () => {
    fc.assert(
      fc.property(rows(timed), fc.integer({ min: 0, max: 9 }), (some, seed) => {
        const all = buildInteractions(some);
        const { train, tests, facts } = divide(all, scheme, seed);
        const whole = entries(all);
        const seen = entries(train);
        for (const [pair, time] of seen) expect(whole.get(pair)).toBe(time);
        const known = new Set([...seen.keys()].map((pair) => pair.split(" ")[0]));
        let asked = 0;
        for (const { user, items, times } of tests) {
          expect(known.has(user)).toBe(true);
          items.forEach((item, at) => {
            asked += 1;
            expect(whole.has(`${user} ${item}`)).toBe(true);
            expect(seen.has(`${user} ${item}`)).toBe(false);
            if (timed) expect(times?.[at]).toBe(whole.get(`${user} ${item}`));
          });
        }
        expect(facts.train_entries).toBe(seen.size);
        expect(facts.train_entries + facts.test_entries).toBe(whole.size);
        expect(asked).toBeLessThanOrEqual(facts.test_entries);
        // Items and users that only the held out part knows are not even named.
        expect(stringCount(train.users)).toBe(known.size);
      }),
    );
  });

  it("is decided by the rows and the seed, not by the order of rows", () => {
    fc.assert(
      fc.property(rows(timed), (some) => {
        const first = divide(buildInteractions(some), scheme, 3);
        const second = divide(buildInteractions(some.toReversed()), scheme, 3);
        expect(second).toEqual(first);
      }),
      { numRuns: 30 },
    );
  });
});

it("time: no row of the training part is as late as any that is held out", () => {
  fc.assert(
    fc.property(rows(true, [200, 300, 11, 30]), (some) => {
      const { train, tests, facts } = divide(buildInteractions(some), "time", 1);
      fc.pre(facts.used === "time");
      const latest = Math.max(...(train.times ?? []));
      for (const { times } of tests) expect(Math.min(...times!)).toBeGreaterThan(latest);
      expect(Date.parse(facts.split_at!)).toBeGreaterThan(latest);
    }),
  );
});

it("A is the published one: the first fifth by sha1 of user:item", () => {
  const rows = ["1", "2", "3", "4", "5"].map((item_id) => ({ user_id: "7", item_id, weight: 1 }));
  // sha1("7:2") = 44fe9449... is the smallest of the five.
  expect(divide(buildInteractions(rows), "A", 1).tests).toEqual([{ user: "7", items: ["2"] }]);
  expect(divide(buildInteractions(rows.slice(1)), "A", 1).tests).toEqual([]);
});

it("B breaks ties of time by item id, as a number where all are", () => {
  const asked = (items: string[]) =>
    divide(
      buildInteractions(items.map((item_id) => ({ user_id: "7", item_id, weight: 1, time: 1 }))),
      "B",
      1,
    ).tests[0]?.items;
  expect(asked(["1", "2", "3", "9", "10"])).toEqual(["10"]);
  expect(asked(["1", "2", "3", "9x", "10"])).toEqual(["9x"]);
});

it.each(["leave-last-n", "B"] as const)(
  "%s: nobody is asked for what came before something they are known by",
  (scheme) => {
    fc.assert(
      fc.property(rows(true), (some) => {
        const { train, tests } = divide(buildInteractions(some), scheme, 1);
        const seen = [...entries(train)];
        for (const { user, times } of tests) {
          const own = seen.filter(([pair]) => pair.startsWith(`${user} `)).map(([, time]) => time);
          expect(Math.min(...times!)).toBeGreaterThanOrEqual(Math.max(...own));
        }
      }),
    );
  },
);

it("says so when it uses another scheme than was asked for", () => {
  const untimed = [{ user_id: "a", item_id: "x", weight: 1 }];
  expect(divide(buildInteractions(untimed), "time", 1).facts).toMatchObject({
    asked: "time",
    used: "random",
    because: "rows have no times",
  });
  const few = Array.from({ length: 9 }, (_, n) => ({
    user_id: `u${n % 3}`,
    item_id: `i${n}`,
    weight: 1,
    time: n,
  }));
  const { facts, tests } = divide(buildInteractions(few), "time", 1);
  expect(facts).toMatchObject({ asked: "time", used: "leave-last-n" });
  expect(tests.map(({ items }) => items)).toEqual([["i6"], ["i7"], ["i8"]]);
});
