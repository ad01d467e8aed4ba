import { describe, expect, test } from "vitest";

import { END_REASONS, REACTIONS } from "@signalpath/domain";

import { iso, NOON, viewed } from "../archive/contract-parts.ts";
import { countItemHours, eventClass } from "./event-class.ts";

describe("eventClass", () => {
  test("every reaction", () => {
    const classes = Object.fromEntries(
      REACTIONS.map((reaction) => [
        reaction,
        eventClass(viewed({ event_id: "m", kind: "feedback", reaction })),
      ]),
    );
    expect(classes).toEqual({
      like: "positive",
      unlike: undefined,
      done: "positive",
      bookmark: "positive",
      share: "positive",
      comment: "positive",
      click: "positive",
      purchase: "positive",
      rating: undefined,
      dismiss: "negative",
      snooze: undefined,
      dislike: "negative",
      report: "negative",
    });
  });

  test("every rating and every end of a view", () => {
    const rated = [1, 2, 3, 4, 5].map((rating) =>
      eventClass(viewed({ event_id: "m", kind: "feedback", reaction: "rating", rating })),
    );
    expect(rated).toEqual(["negative", "negative", undefined, "positive", "positive"]);
    const ended = END_REASONS.map((end_reason) =>
      eventClass(viewed({ event_id: "m", end_reason })),
    );
    expect(ended).toEqual(["positive", "positive", undefined, "negative"]);
    expect(eventClass(viewed({ event_id: "m" }))).toBe("view");
  });

  test("what is no contact with an item is not counted", () => {
    for (const kind of ["identified", "survey", "search", "exposed"] as const) {
      expect(eventClass(viewed({ event_id: "m", kind }))).toBeUndefined();
    }
  });
});

describe("countItemHours", () => {
  test("a served list without an item of its own counts each item once", () => {
    const served = { kind: "served", item_id: undefined, impressions: ["a", "b", "a"] } as const;
    const { impressions, ...rest } = served;
    const events = [
      viewed({ event_id: "1", ...rest, impressions: [...impressions] }),
      viewed({ event_id: "2", kind: "served", item_id: "a", impressions: ["a", "b"] }),
      viewed({ event_id: "3", item_id: undefined, impressions: ["a"] }),
    ];
    const hour = NOON / 3_600_000;
    expect(countItemHours(events)).toEqual([
      { item_id: "a", hour, event_class: "served", count: 2 },
      { item_id: "b", hour, event_class: "served", count: 1 },
    ]);
  });

  test("bots are left out, hours are those of the event", () => {
    const events = [
      viewed({ event_id: "1", is_bot: true }),
      viewed({ event_id: "2", occurred_at: iso(NOON - 1), received_at: iso(NOON) }),
    ];
    expect(countItemHours(events)).toEqual([
      { item_id: "t1", hour: NOON / 3_600_000 - 1, event_class: "view", count: 1 },
    ]);
  });
});
