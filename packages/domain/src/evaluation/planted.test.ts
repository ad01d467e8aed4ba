import { expect, it } from "vitest";

import { plantedRows, type PlantedOptions } from "./planted.ts";

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
const made = (rest: Partial<PlantedOptions> = {}) => [
  ...plantedRows({
    users: 40,
    items: 60,
    interactions: 600,
    groups: 4,
    structure: 0.8,
    random: seeded(5),
    ...rest,
  }),
];
const groupOf = (id: string) => Number(id.slice(1)) % 4;

it("makes as many distinct pairs as asked for, the same for the same seed", () => {
  const rows = made();
  expect(rows).toHaveLength(600);
  expect(new Set(rows.map(({ user_id, item_id }) => `${user_id} ${item_id}`)).size).toBe(600);
  expect(made()).toEqual(rows);
  expect(made({ random: seeded(6) })).not.toEqual(rows);
  expect(made({ interactions: 1_200 })).toHaveLength(1_200);
});

it("most items of a user are of the user's group, as many as the structure says", () => {
  const share = (structure: number) => {
    const rows = made({ structure });
    return rows.filter((row) => groupOf(row.user_id) === groupOf(row.item_id)).length / rows.length;
  };
  expect(share(0.9)).toBeGreaterThan(0.65);
  expect(share(0)).toBeLessThan(0.35);
  expect(share(0)).toBeGreaterThan(0.15);
});

it("a person's times ascend, and low numbers are popular", () => {
  const rows = made({ structure: 0 });
  const own = rows.filter(({ user_id }) => user_id === "u3").map(({ time }) => time);
  expect(own).toEqual(own.toSorted((a, b) => a - b));
  const count = (from: number, to: number) =>
    rows.filter(({ item_id }) => {
      const item = Number(item_id.slice(1));
      return item >= from && item < to;
    }).length;
  expect(count(0, 12)).toBeGreaterThan(2 * count(48, 60));
});

it("refuses what does not fit", () => {
  expect(() => made({ interactions: 1_201 })).toThrow(RangeError);
  expect(() => made({ groups: 61 })).toThrow(RangeError);
});
