import { expect, test } from "vitest";

import { nextCronRun } from "./cron.ts";

const FRIDAY_NOON = Date.UTC(2026, 5, 12, 12);

test.each([
  ["0 2 * * 0", "2026-06-14T02:00:00.000Z"],
  ["*/15 * * * *", "2026-06-12T12:15:00.000Z"],
  ["0 12 * * *", "2026-06-13T12:00:00.000Z"],
  ["30 4 1 1 *", "2027-01-01T04:30:00.000Z"],
])("%s is next due at %s", (expression, at) => {
  expect(nextCronRun(expression, FRIDAY_NOON)).toBe(at);
});

test("a day that never comes has no next time", () => {
  expect(nextCronRun("0 0 30 2 *", FRIDAY_NOON)).toBeUndefined();
});

test.each(["", "* * * *", "* * * * * *", "61 * * * *", "every day", "2026-06-12T12:00:00Z"])(
  "%j is refused",
  (expression) => {
    expect(() => nextCronRun(expression, FRIDAY_NOON)).toThrow("the request is not valid");
  },
);
