import { describe, expect, it } from "vitest";

import { buildInteractions } from "./build.ts";
import { decayInteractions } from "./decay.ts";

const day = 86_400_000;
const interactions = buildInteractions([
  { user_id: "u", item_id: "a", weight: 2, time: 0 },
  { user_id: "u", item_id: "b", weight: 1, time: 2 * day },
  { user_id: "u", item_id: "c", weight: 1, time: 2 * day },
  { user_id: "v", item_id: "a", weight: 1, time: day },
]);

describe("decay", () => {
  it("halves per newer item of the same user down to the floor; ties: the larger id is newer", () => {
    const { matrix } = decayInteractions(interactions, { half_life_items: 1, floor: 0.5 });
    expect([...matrix.values]).toEqual([2 * (0.5 + 0.5 / 4), 0.75, 1, 1]);
  });

  it("halves per days before the latest of all", () => {
    const { matrix } = decayInteractions(interactions, { half_life_days: 2 });
    expect([...matrix.values]).toEqual([1, 1, 1, Math.fround(2 ** -0.5)]);
  });

  it("leaves no entry without weight", () => {
    const { matrix } = decayInteractions(interactions, { half_life_days: 1e-6, as_of: 1e15 });
    expect(matrix.values.every((value) => value > 0)).toBe(true);
  });

  it("needs times and half-lives above 0", () => {
    const timeless = buildInteractions([{ user_id: "u", item_id: "a", weight: 1 }]);
    expect(() => decayInteractions(timeless, {})).toThrow("needs times");
    expect(() => decayInteractions(interactions, { half_life_items: 0 })).toThrow("above 0");
    expect(() => decayInteractions(interactions, { floor: 2 })).toThrow("floor");
  });
});
