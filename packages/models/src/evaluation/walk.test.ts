import { expect, it } from "vitest";

import { buildInteractions } from "../interactions/build.ts";
import { itemKnn } from "../kinds/item-knn/item-knn.ts";
import { seeded, tasteRows } from "../testing/sample.ts";
import { createWalk } from "./walk.ts";

it("after everything it gives the lists that item-knn gives with its defaults", async () => {
  const rows = tasteRows(40, 30, 0.3, seeded(3));
  const walk = createWalk();
  for (const { user_id, item_id } of rows) walk.learn(user_id, item_id);
  const model = await itemKnn.train(buildInteractions(rows), {}, { random: seeded(1) });
  for (const user of new Set(rows.map(({ user_id }) => user_id))) {
    const fitted = itemKnn.scoreAll(model, { user });
    const scoreOf = new Map(
      itemKnn.score(model, { user }, { k: 30 }).map(({ item_id, score }) => [item_id, score]),
    );
    const scores = walk.itemKnn(user, 10).map((item) => scoreOf.get(item)!);
    expect(fitted.length).toBeGreaterThan(10);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    const best = [...scoreOf.values()].slice(0, scores.length);
    scores.forEach((score, at) => expect(score).toBeCloseTo(best[at]!, 5));
  }
});

it("ranks by what was learnt until now, and leaves out what the person has", () => {
  const walk = createWalk();
  expect([walk.popular("a", 3), walk.itemKnn("a", 3)]).toEqual([[], []]);
  for (const [user, item] of ["ax", "ay", "bx", "by", "bz", "cz", "dz"]) {
    walk.learn(user!, item!);
  }
  expect(walk.popular("a", 3)).toEqual(["z"]);
  expect(walk.popular("new", 2)).toEqual(["z", "x"]);
  expect(walk.itemKnn("a", 3)).toEqual(["z"]);
  walk.learn("a", "z");
  walk.learn("a", "z");
  expect(walk.itemKnn("a", 3)).toEqual([]);
  expect(walk.itemKnn("c", 3)).toEqual(["x", "y"]);
});
