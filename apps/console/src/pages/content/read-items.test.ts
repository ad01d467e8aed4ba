import { describe, expect, it } from "vitest";

import { readItems } from "./read-items.ts";

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
