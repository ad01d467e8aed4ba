import { itemNeighbours, userKey } from "@signalpath/domain";
import { createMemoryArchive } from "@signalpath/ports";
import { sha256 } from "@signalpath/service-kit";
import { expect, test } from "vitest";

import { countNeighbours } from "./count-neighbours.ts";
import { DAY, eventAt } from "./test-world.ts";

test("neighbours are those of everybody's newest opinions, linked devices counted as one person", async () => {
  const { archive, reader } = createMemoryArchive({ sha256, now: () => DAY });
  await archive.put([
    eventAt(1, { user_id: "u1", item_id: "a", reaction: "like" }),
    eventAt(2, { anonymous_id: "d1", item_id: "b", reaction: "done" }),
    eventAt(3, { user_id: "u1", anonymous_id: "d1", kind: "viewed", item_id: "a" }),
    eventAt(4, { user_id: "u2", item_id: "a", reaction: "share" }),
    eventAt(5, { user_id: "u2", item_id: "b", reaction: "like" }),
    eventAt(6, { user_id: "u2", item_id: "b", reaction: "dislike" }),
    eventAt(7, { user_id: "u3", item_id: "c", reaction: "like", is_bot: true }),
    eventAt(8, { user_id: "u3", item_id: "a", reaction: "like" }),
    eventAt(9, { user_id: "u4", item_id: "z", reaction: "like", project_id: 2 }),
  ]);
  expect(await archive.resolve(1, userKey(sha256, 1, "anonymous", "d1"))).toBe(
    userKey(sha256, 1, "user", "u1"),
  );
  const tables = await countNeighbours(reader);
  const expected = itemNeighbours([
    [
      { item_id: "b", weight: 0.8 },
      { item_id: "a", weight: 0.6 },
    ],
    [{ item_id: "a", weight: 1 }],
    [{ item_id: "a", weight: 0.6 }],
  ]);
  expect(expected.map(({ item_id }) => item_id)).toEqual(["a", "b"]);
  expect(tables.get(1)).toEqual(expected);
  expect(tables.get(2)).toEqual([]);
});
