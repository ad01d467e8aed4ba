import { stringAt, stringCount } from "@signalpath/contracts";
import { expect, it } from "vitest";

import { buildInteractions } from "../interactions/build.ts";
import { seeded, tasteRows } from "../testing/sample.ts";
import { validationFolds } from "./folds.ts";
import { divide, type Parts, type SplitScheme } from "./split.ts";

const train = buildInteractions(tasteRows(30, 40, 0.5, seeded(4)));

/** Times of a person's entries in the part that is fitted on. */
function fittedTimes(
  { train: { users, matrix, times = new Float64Array() } }: Parts,
  user: string,
) {
  const row = Array.from({ length: stringCount(users) }, (_, at) => stringAt(users, at)).indexOf(
    user,
  );
  return [...times.subarray(matrix.indptr[row], matrix.indptr[row + 1])];
}

const heldOut = ({ tests }: Parts) => tests.map(({ user, items }) => [user, [...items].sort()]);

const folds = (scheme: SplitScheme, seed: number, count: number) =>
  validationFolds(train, { scheme, seed, count });

it.each<SplitScheme>(["A", "B", "time", "leave-last-n", "random"])(
  "of %s differ, follow from the seed, and more of them change none before",
  (scheme) => {
    const three = folds(scheme, 5, 3).map(heldOut);
    expect(new Set(three.map((part) => JSON.stringify(part))).size).toBe(3);
    expect(folds(scheme, 5, 3).map(heldOut)).toEqual(three);
    expect(folds(scheme, 5, 1).map(heldOut)).toEqual(three.slice(0, 1));
    expect(folds(scheme, 6, 3).slice(1).map(heldOut)).not.toEqual(three.slice(1));
  },
);

it.each<SplitScheme>(["B", "time", "leave-last-n"])(
  "of %s never fit on anything newer than what they ask for",
  (scheme) => {
    for (const part of folds(scheme, 7, 4)) {
      expect(part.tests.length).toBeGreaterThan(10);
      for (const { user, times = [] } of part.tests) {
        expect(Math.max(...fittedTimes(part, user))).toBeLessThanOrEqual(Math.min(...times));
      }
    }
  },
);

it.each<SplitScheme>(["A", "B", "time"])("of %s hold back as little as is asked", (scheme) => {
  const parts = validationFolds(train, { scheme, seed: 5, count: 3, every: 10 });
  for (const [at, { facts }] of parts.entries()) {
    expect(facts.test_entries).toBeGreaterThan(0);
    expect(facts.test_entries).toBeLessThan(0.7 * folds(scheme, 5, 3)[at]!.facts.test_entries);
  }
});

it("by time the first is the split itself; by hash it is one of the seed's own", () => {
  const first = (scheme: SplitScheme, seed: number) => heldOut(folds(scheme, seed, 1)[0]);
  expect(first("B", 3)).toEqual(heldOut(divide(train, "B", 3)));
  expect(first("A", 3)).not.toEqual(first("A", 4));
});
