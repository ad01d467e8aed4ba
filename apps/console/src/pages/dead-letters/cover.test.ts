import { expect, it } from "vitest";

import { covered } from "./cover.ts";
import { COVER } from "./strings.ts";

it("covers who somebody is, at any depth and in any writing, and leaves the rest", () => {
  const event = {
    userId: "nora",
    anonymous_id: "device-1",
    properties: { item_id: "t1", Email: "n@example.org", list: [{ IP: "10.0.0.1", n: 3 }] },
    context: { traits: { age: 30 }, locale: "de" },
    previousId: null,
  };
  expect(covered(event)).toEqual({
    userId: COVER,
    anonymous_id: COVER,
    properties: { item_id: "t1", Email: COVER, list: [{ IP: COVER, n: 3 }] },
    context: { traits: COVER, locale: "de" },
    previousId: null,
  });
});

it("covers a text whole: nobody knows what is in it", () => {
  expect(covered('{"userId": "nora"')).toBe(COVER);
  expect(covered(7)).toBe(7);
});
