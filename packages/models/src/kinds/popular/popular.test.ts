import { expect, it } from "vitest";

import { buildInteractions } from "../../interactions/build.ts";
import { popular } from "./popular.ts";

const day = 86_400_000;
const interactions = buildInteractions([
  { user_id: "u", item_id: "old", weight: 1, time: 0 },
  { user_id: "v", item_id: "old", weight: 1, time: 0 },
  { user_id: "w", item_id: "old", weight: 1, time: 0 },
  { user_id: "u", item_id: "new", weight: 1, time: 20 * day },
  { user_id: "v", item_id: "half", weight: 3, time: 10 * day },
]);
const random = () => 0.5;

it("counts weights, halved every half-life before the latest of all", async () => {
  const model = await popular.train(interactions, { half_life_days: 10 }, { random });
  expect(popular.score(model, { seedItems: [] }, { k: 5 })).toEqual([
    { item_id: "half", score: 1.5 },
    { item_id: "new", score: 1 },
    { item_id: "old", score: 0.75 },
  ]);
});

it("without a half-life counts weights; seeds and what the user has are left out", async () => {
  const model = await popular.train(interactions, {}, { random });
  const ids = (list: { item_id: string }[]) => list.map((one) => one.item_id);
  expect(ids(popular.score(model, { user: "u" }, { k: 5 }))).toEqual(["half"]);
  // Ties by item id.
  expect(ids(popular.related(model, ["new", "unknown"], { k: 5 }))).toEqual(["half", "old"]);
  expect(popular.explain(model, { user: "u" }, "half")).toEqual({
    score: 3,
    base: 3,
    contributions: [],
  });
});
