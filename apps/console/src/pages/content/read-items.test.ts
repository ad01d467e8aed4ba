import { describe, expect, it } from "vitest";

import { facetsOf, readItems } from "./read-items.ts";

describe("readItems", () => {
  it.each([
    ["an array", `[{"item_id": "a"}, {"item_id": "b"}]`],
    ["the body of a request", `{"items": [{"item_id": "a"}, {"item_id": "b"}]}`],
    ["lines", `{"item_id": "a"}\n\n{"item_id": "b"}\n`],
  ])("reads %s", (_, text) => {
    expect(readItems(text)).toEqual([{ item_id: "a" }, { item_id: "b" }]);
  });

  it("reads a single item", () => {
    expect(readItems(`{"item_id": "a"}`)).toEqual([{ item_id: "a" }]);
  });

  it.each([
    [`{"item_id": "a"}\n{"item_id": `, /Line 2/],
    [`[1]`, /Line 1/],
    ["", /no item/],
    ["[]", /no item/],
  ])("refuses %j", (text, why) => {
    expect(() => readItems(text)).toThrow(why);
  });
});

describe("facetsOf", () => {
  it("counts labels by facet, the most common first", () => {
    const tag = (facet: string, label: string) => ({ facet, label });
    const items = [
      { tags: [tag("topic", "solar")] },
      { tags: [tag("topic", "wind"), tag("level", "easy")] },
      { tags: [tag("topic", "wind")] },
    ];
    expect(facetsOf(items)).toEqual([
      {
        facet: "topic",
        labels: [
          ["wind", 2],
          ["solar", 1],
        ],
      },
      { facet: "level", labels: [["easy", 1]] },
    ]);
  });
});
