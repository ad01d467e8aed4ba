import type { TrainingRow } from "@signalpath/ports";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CliError } from "../exit-codes.ts";
import { splitRows, SPLITS } from "./split.ts";

const rowsOf = fc.uniqueArray(
  fc.record({
    user_id: fc.constantFrom("a", "b", "c"),
    item_id: fc.integer({ min: 0, max: 60 }).map(String),
    weight: fc.constant(1),
    time: fc.integer({ min: 0, max: 40 }),
  }),
  { selector: ({ user_id, item_id }) => `${user_id}:${item_id}`, minLength: 1, maxLength: 120 },
);
const keys = (rows: readonly TrainingRow[]) =>
  rows.map(({ user_id, item_id }) => `${user_id}:${item_id}`).toSorted();

describe.each(SPLITS)("split %s", (name) => {
  it("gives each row to one side, whatever the order of rows", () => {
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: 0, max: 5 }), (rows, seed) => {
        const { train, test } = splitRows(rows, name, seed);
        expect(keys([...train, ...test])).toEqual(keys(rows));
        const again = splitRows(rows.toReversed(), name, seed);
        expect(keys(again.test)).toEqual(keys(test));
      }),
      { numRuns: 60 },
    );
  });
});

it("B and leave-last-n hold back nothing that is older than what they leave", () => {
  fc.assert(
    fc.property(rowsOf, (rows) => {
      for (const name of ["B", "leave-last-n"] as const) {
        const { train, test } = splitRows(rows, name, 1);
        for (const held of test) {
          const own = train.filter(({ user_id }) => user_id === held.user_id);
          expect(own.every(({ time = 0 }) => time <= (held.time ?? 0))).toBe(true);
        }
      }
    }),
    { numRuns: 60 },
  );
});

it("time holds back everything from one moment on", () => {
  fc.assert(
    fc.property(rowsOf, (rows) => {
      const { train, test } = splitRows(rows, "time", 1);
      const from = Math.min(...test.map(({ time = 0 }) => time));
      expect(train.every(({ time = 0 }) => time < from)).toBe(true);
    }),
  );
});

it("A is the published one: the first fifth by sha1 of user:item", () => {
  const rows = ["1", "2", "3", "4", "5"].map((item_id) => ({ user_id: "7", item_id, weight: 1 }));
  // sha1("7:2") = 44fe9449... is the smallest of the five.
  expect(splitRows(rows, "A", 1).test.map(({ item_id }) => item_id)).toEqual(["2"]);
  expect(splitRows(rows.slice(1), "A", 1).test).toEqual([]);
});

it("asks for times where it needs them", () => {
  const rows = [{ user_id: "a", item_id: "b", weight: 1 }];
  for (const name of ["B", "time", "leave-last-n"] as const) {
    expect(() => splitRows(rows, name, 1)).toThrow(CliError);
  }
  expect(splitRows(rows, "random", 1).train).toEqual(rows);
});
