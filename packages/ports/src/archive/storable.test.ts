import { describe, expect, test } from "vitest";

import { RefusedError } from "../errors.ts";
import { viewed } from "./contract-parts.ts";
import { ownerCursor, parseOwnerCursor } from "./owner-cursor.ts";
import { assertStorable } from "./storable.ts";

describe("assertStorable", () => {
  test("takes 200 characters of any plane and free text of any kind", () => {
    const event = viewed({ event_id: "😀".repeat(200), traits: { nul: "\0", half: "\ud800" } });
    expect(() => {
      assertStorable(event);
    }).not.toThrow();
  });

  test.each([
    ["event_id", { event_id: "" }],
    ["event_id", { event_id: "😀".repeat(201) }],
    ["previous_id", { previous_id: "\0" }],
    ["impressions", { impressions: ["t1", "\ud800"] }],
    ["occurred_at", { occurred_at: "2026-06-12T12:00:00Z" }],
    ["received_at", { received_at: "2026-13-01T00:00:00.000Z" }],
    ["project_id", { project_id: 1.5 }],
  ])("names %s and never its value", (field, change) => {
    const event = viewed({ event_id: "m1", ...change });
    const refuse = (): void => {
      assertStorable(event);
    };
    expect(refuse).toThrow(RefusedError);
    expect(refuse).toThrow(new RegExp(`^${field} `));
  });
});

test("an owner's cursor leads back to its place, and nothing else is one", () => {
  const place = { projectId: 12, owner: "A-_4567890123456789012" as never };
  expect(parseOwnerCursor(ownerCursor(place))).toEqual(place);
  for (const text of [
    "",
    "1:",
    "1:short",
    "-1:A-_4567890123456789012",
    "1:A-_4567890123456789012x",
  ]) {
    expect(() => parseOwnerCursor(text)).toThrow(RefusedError);
  }
});
