import { distributions } from "@signalpath/statistics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { assignVariation } from "./assignment.ts";
import { bucketRanges, chooseVariation, hash, inNamespace } from "./hash.ts";
import { sampleRatio } from "./srm.ts";

describe("hash", () => {
  it.each([
    ["", "a", 1, 0.22],
    ["b", "a", 1, 0.946],
    ["seed", "a", 2, 0.0505],
    ["foo", "ab", 2, 0.2575],
    ["abc", "def", 99, null],
  ])(
    "hash(%j, %j, %j) is %j, as other implementations have it",
    (seed, value, version, expected) => {
      expect(hash(seed, value, version)).toBe(expected);
    },
  );

  it("reads UTF-16 code units, not bytes", () => {
    expect(hash("exp", "jos\u00e9", 2)).toBe(0.3584);
  });

  it("gives two experiments arms that do not depend on each other", () => {
    const cells = [0, 0, 0, 0];
    for (let id = 0; id < 100_000; id += 1) {
      const first = (hash("exp1", String(id), 2) as number) < 0.5 ? 0 : 1;
      const second = (hash("exp2", String(id), 2) as number) < 0.5 ? 0 : 1;
      cells[first * 2 + second] = (cells[first * 2 + second] as number) + 1;
    }
    const check = sampleRatio(
      cells.map((n) => ({ n, weight: 1 })),
      distributions,
    );
    expect(check.p).toBeGreaterThan(0.001);
  });
});

describe("bucket ranges", () => {
  it("start where the weights say, whatever the coverage", () => {
    expect(bucketRanges(2, 1, [])).toEqual([
      [0, 0.5],
      [0.5, 1],
    ]);
    expect(bucketRanges(2, 0.5, [])).toEqual([
      [0, 0.25],
      [0.5, 0.75],
    ]);
    expect(bucketRanges(3, 1, [0.2, 0.3])).toEqual(bucketRanges(3, 1, []));
    expect(bucketRanges(2, 7, [0.4, 0.6])).toEqual([
      [0, 0.4],
      [0.4, 1],
    ]);
    expect(bucketRanges(2, -1, [0.4, 0.6])).toEqual([
      [0, 0],
      [0.4, 0.4],
    ]);
    expect(bucketRanges(2, 1, [0.4, 0.4])).toEqual(bucketRanges(2, 1, []));
  });

  it("choose the range that holds the number, or none", () => {
    const ranges = bucketRanges(2, 0.5, []);
    expect([0, 0.2499, 0.25, 0.4, 0.5, 0.75].map((n) => chooseVariation(n, ranges))).toEqual([
      0, 0, -1, -1, 1, -1,
    ]);
  });

  it("a higher coverage moves nobody who is in", () => {
    const weights = fc.constantFrom([0.5, 0.5], [0.9, 0.1], [0.2, 0.3, 0.5]);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.string(), weights, share, share, (unit, each, a, b) => {
        const rule = { hash_seed: "s", hash_version: 2, weights: each };
        const low = assignVariation({ ...rule, coverage: Math.min(a, b) }, unit).variation_index;
        const high = assignVariation({ ...rule, coverage: Math.max(a, b) }, unit).variation_index;
        expect(low === null || low === high).toBe(true);
      }),
    );
  });
});

describe("assignment", () => {
  const rule = { hash_seed: "s", hash_version: 2, coverage: 1, weights: [0.5, 0.5] };

  it("leaves a unit without a name out", () => {
    expect(assignVariation(rule, "")).toEqual({ variation_index: null, hash: null });
  });

  it("leaves everybody out under an unknown version", () => {
    expect(assignVariation({ ...rule, hash_version: 3 }, "u1").variation_index).toBeNull();
  });

  it("gives experiments of one namespace units that do not overlap, and together all", () => {
    for (let id = 0; id < 2_000; id += 1) {
      const unit = `u${id}`;
      const parts = [
        [0, 0.3],
        [0.3, 1],
      ].map(([start, end]) => inNamespace(unit, ["page", start as number, end as number]));
      expect(parts.filter(Boolean)).toHaveLength(1);
    }
    const out = { id: "page", start: 0, end: 0 };
    expect(assignVariation({ ...rule, namespace: out }, "u1").variation_index).toBeNull();
  });

  it("keeps the weights over 100,000 units", () => {
    const counts = [0, 0, 0];
    const uneven = { ...rule, weights: [0.2, 0.3, 0.5] };
    for (let id = 0; id < 100_000; id += 1) {
      const { variation_index } = assignVariation(uneven, `user-${id}`);
      counts[variation_index as number] = (counts[variation_index as number] as number) + 1;
    }
    const arms = counts.map((n, at) => ({ n, weight: uneven.weights[at] as number }));
    expect(sampleRatio(arms, distributions).status).toBe("ok");
  });
});
