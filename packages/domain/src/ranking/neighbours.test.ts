import fc from "fast-check";
import { expect, test } from "vitest";

import { type Like, createNeighbourAccumulator, itemNeighbours } from "./neighbours.ts";

const like = (item_id: string, weight = 1): Like => ({ item_id, weight });
const person = fc.array(
  fc.record({
    item_id: fc.constantFrom("a", "b", "c", "d", "e", "__proto__", "💥"),
    weight: fc.constantFrom(0.25, 0.5, 1, 0, 1 / 3),
  }),
  { maxLength: 7 },
);

test("similarity is the shrunk cosine, checked against the definition", () => {
  fc.assert(
    fc.property(fc.array(person, { maxLength: 8 }), fc.constantFrom(0, 5, 20), (people, shrink) => {
      const tables = people.map(
        (likes) =>
          new Map<string, number>(
            [...likes]
              .filter(({ weight }) => weight > 0)
              .reverse()
              .map(({ item_id, weight }) => [item_id, Math.round(weight * 1_024) / 1_024]),
          ),
      );
      const products = (i: string, j: string) =>
        tables.reduce((sum, own) => sum + (own.get(i) ?? 0) * (own.get(j) ?? 0), 0);
      for (const { item_id, neighbours } of itemNeighbours(people, { shrink })) {
        for (const { item_id: other, similarity } of neighbours) {
          expect(other).not.toBe(item_id);
          const norms = Math.sqrt(products(item_id, item_id) * products(other, other));
          expect(similarity).toBeCloseTo(products(item_id, other) / (norms + shrink), 9);
          expect(similarity).toBeGreaterThan(0);
          expect(similarity).toBeLessThanOrEqual(1 + 1e-12);
        }
      }
    }),
  );
});

test("the order of people does not matter, to the bit", () => {
  const shuffled = fc
    .array(person, { maxLength: 8 })
    .chain((people) =>
      fc.tuple(
        fc.constant(people),
        fc.shuffledSubarray(people, { minLength: people.length, maxLength: people.length }),
      ),
    );
  fc.assert(
    fc.property(shuffled, ([people, other]) => {
      expect(itemNeighbours(other)).toEqual(itemNeighbours(people));
    }),
  );
});

test("lists are cut to the most similar, ties by id, and come by id", () => {
  const lists = itemNeighbours([[like("x"), like("c"), like("a"), like("b")]], { top: 2 });
  expect(lists.map((list) => list.item_id)).toEqual(["a", "b", "c", "x"]);
  expect(lists.at(-1)?.neighbours.map((neighbour) => neighbour.item_id)).toEqual(["a", "b"]);
});

test("only the newest likes of a person count", () => {
  const accumulator = createNeighbourAccumulator({ likesPerPerson: 2 });
  accumulator.add([like("new"), like("newer", 0), like("mid"), like("old")]);
  const lists = [...accumulator.lists()];
  expect(lists.map((list) => list.item_id)).toEqual(["mid", "new"]);
});

test("a list of one, and nobody, are no evidence", () => {
  expect(itemNeighbours([[like("a")], [], [like("b", 0), like("c")]])).toEqual([]);
});
