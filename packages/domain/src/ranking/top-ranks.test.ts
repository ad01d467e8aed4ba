import fc from "fast-check";
import { expect, test } from "vitest";

import { createTopRanks } from "./top-ranks.ts";

const someScores = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 });

test("keeps what a full sort puts first, in whatever order things come", () => {
  fc.assert(
    fc.property(someScores, fc.nat({ max: 20 }), fc.infiniteStream(fc.nat()), (scores, k, keys) => {
      const sorted = scores
        .map((score, rank) => ({ rank, score }))
        .sort((a, b) => b.score - a.score || a.rank - b.rank);
      const shuffled = sorted
        .map((entry) => ({ entry, key: keys.next().value as number }))
        .sort((a, b) => a.key - b.key);
      const top = createTopRanks(k);
      for (const { entry } of shuffled) top.push(entry.rank, entry.score);
      expect(top.take()).toEqual(sorted.slice(0, k));
      expect(top.take()).toEqual([]);
    }),
  );
});

test("wants what would change the result, and nothing else", () => {
  fc.assert(
    fc.property(
      someScores,
      fc.nat({ max: 20 }),
      fc.integer({ min: 0, max: 4 }),
      (scores, k, score) => {
        const kept = (all: readonly number[]) => {
          const top = createTopRanks(k);
          for (const [rank, one] of all.entries()) top.push(rank, one);
          return top;
        };
        const isWanted = kept(scores).wants(scores.length, score);
        const before = kept(scores).take();
        const after = kept([...scores, score]).take();
        expect(isWanted).toBe(JSON.stringify(before) !== JSON.stringify(after));
        expect(before.every((one) => one.score >= kept(scores).floor())).toBe(true);
      },
    ),
  );
});
