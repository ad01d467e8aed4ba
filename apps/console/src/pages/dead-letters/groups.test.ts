import { expect, it } from "vitest";

import { groupsOf } from "./groups.ts";

it("counts letters by code and service, the largest first, with the newest of each", () => {
  const of = (code: string, app: string, day: number) => {
    return { code, app, received_at: `2026-06-${day}T12:00:00.000Z` };
  };
  const letters = [of("A", "x", 10), of("B", "x", 11), of("B", "x", 13), of("B", "y", 12)];
  expect(groupsOf(letters)).toEqual([
    { key: "B/x", code: "B", app: "x", count: 2, newest: "2026-06-13T12:00:00.000Z" },
    { key: "A/x", code: "A", app: "x", count: 1, newest: "2026-06-10T12:00:00.000Z" },
    { key: "B/y", code: "B", app: "y", count: 1, newest: "2026-06-12T12:00:00.000Z" },
  ]);
});
