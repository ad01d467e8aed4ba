import { expect, it } from "vitest";

import { listChanges } from "./list-changes.ts";

it("tells what is new, what moved and what is gone", () => {
  expect(listChanges(["a", "b", "c"], ["a", "c", "d"])).toEqual({
    moves: [
      { itemId: "a", rank: 1, before: 1 },
      { itemId: "c", rank: 2, before: 3 },
      { itemId: "d", rank: 3, before: undefined },
    ],
    gone: ["b"],
    moved: 2,
  });
  expect(listChanges([], []).moved).toBe(0);
});
