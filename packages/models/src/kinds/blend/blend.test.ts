import { stringAt } from "@signalpath/contracts";
import { describe, expect, it } from "vitest";

import { buildInteractions } from "../../interactions/build.ts";
import { seeded, tasteRows } from "../../testing/sample.ts";
import { ease } from "../ease/ease.ts";
import { ials } from "../ials/ials.ts";
import { blend } from "./blend.ts";
import { chooseWeight } from "./choose-weight.ts";
import { holdOut } from "./hold-out.ts";

const interactions = buildInteractions(tasteRows(40, 30, 0.3, seeded(12)));
const parameters = { ease: { lambda: 5 }, ials: { factors: 4, epochs: 3 } };

/** z-scores over items the user does not have. */
function standard(scores: Float64Array, seen: ReadonlySet<number>): number[] {
  const rest = [...scores].filter((_, i) => !seen.has(i)).map((score) => score || 0);
  const mean = rest.reduce((sum, score) => sum + score, 0) / rest.length;
  const deviation = Math.sqrt(
    rest.reduce((sum, score) => sum + (score - mean) ** 2, 0) / rest.length,
  );
  return [...scores].map((score) => ((score || 0) - mean) / deviation);
}

describe("blend", () => {
  it.each([0, 0.3, 1])("with weight %d is the sum of the z-scores of its parts", async (weight) => {
    const mixed = await blend.train(interactions, { ...parameters, weight }, { random: seeded(1) });
    const [first, second] = [
      await ease.train(interactions, parameters.ease, { random: seeded(1) }),
      await ials.train(interactions, parameters.ials, { random: seeded(1) }),
    ];
    const query = { user: "u4" };
    const user = Array.from({ length: 40 }, (_, row) => stringAt(mixed.users, row)).indexOf("u4");
    const { indptr, indices } = mixed.history;
    const seen = new Set(indices.subarray(indptr[user], indptr[user + 1]));
    const a = standard(ease.scoreAll(first, query), seen);
    const b = standard(ials.scoreAll(second, query), seen);
    blend
      .scoreAll(mixed, query)
      .forEach((score, i) => expect(score).toBeCloseTo(weight * a[i]! + (1 - weight) * b[i]!, 6));
  });

  it("chooses the weight of the better part", async () => {
    const { train, held } = holdOut(interactions, seeded(2));
    const noise = seeded(3);
    const good = ({ user }: { user?: number }) => {
      const scores = new Float64Array(30);
      for (const row of held[user!]!) scores[row] = 1;
      return scores;
    };
    const bad = () => Float64Array.from({ length: 30 }, noise);
    const pause = async () => {};
    const choose = (first: typeof good, second: typeof good) =>
      chooseWeight(train.matrix, held, { first, second }, pause);
    expect(await choose(bad, good)).toBeLessThan(0.5);
    expect(await choose(good, bad)).toBeGreaterThan(0.5);
    expect(await choose(good, good)).toBe(0);
  });

  it("holds back the latest fifth of each user and nothing else", () => {
    const { train, held } = holdOut(interactions, seeded(2));
    const { indptr, indices } = interactions.matrix;
    held.forEach((test, user) => {
      const all = [...indices.subarray(indptr[user], indptr[user + 1])];
      const rest = [
        ...train.matrix.indices.subarray(train.matrix.indptr[user], train.matrix.indptr[user + 1]),
      ];
      expect(test).toHaveLength(Math.floor(all.length / 5));
      expect([...rest, ...test].sort((x, y) => x - y)).toEqual(all);
      // Times of the sample rise with the number in the item's id.
      const age = (row: number) => Number(stringAt(interactions.items, row).slice(1));
      const newest = Math.max(...rest.map(age));
      for (const row of test) expect(age(row)).toBeGreaterThan(newest);
    });
  });

  it("refuses parameters of its parts that they would refuse", async () => {
    for (const wrong of [{ ease: { lambda: -1 } }, { ials: { nonsense: 1 } }, { weight: "best" }]) {
      await expect(async () =>
        blend.train(interactions, wrong as object, { random: seeded(1) }),
      ).rejects.toMatchObject({ code: "PARAMETERS_INVALID" });
    }
  });
});
