import { expect, it } from "vitest";

import type { SignalEvent } from "../events/types.ts";
import { createLikedItems } from "./liked-items.ts";

const event = (second: number, rest: Partial<SignalEvent>): SignalEvent => {
  const time = new Date(Date.UTC(2026, 5, 12, 12, 0, second)).toISOString();
  return {
    event_id: `e${second}`,
    project_id: 1,
    user_id: "u",
    kind: "feedback",
    occurred_at: time,
    received_at: time,
    ...rest,
  };
};
const liked = createLikedItems();
const unknown = () => undefined;

it("keeps what the fold of all touches calls positive, with its strength and newest touch", () => {
  const events = [
    event(1, { item_id: "a", reaction: "like" }),
    event(2, { item_id: "b", reaction: "dislike" }),
    event(3, { item_id: "c", reaction: "purchase" }),
    event(4, { item_id: "a", reaction: "click" }),
    event(5, { item_id: "d", reaction: "like" }),
    event(6, { item_id: "d", reaction: "dismiss" }),
    event(7, { item_id: "e", reaction: "like", is_bot: true }),
    event(8, { item_id: "f", kind: "served" }),
    event(9, { item_id: "g", reaction: "snooze" }),
  ];
  const expected = [
    { itemId: "a", strength: 0.6, lastMs: Date.parse(events[3]!.occurred_at) },
    { itemId: "c", strength: 1, lastMs: Date.parse(events[2]!.occurred_at) },
  ];
  expect(liked(events, unknown)).toEqual(expected);
  expect(liked(events.toReversed(), unknown)).toEqual(expected);
});

it("judges the time spent by the item's length", () => {
  const view = event(1, { kind: "viewed", item_id: "a", dwell_ms: 20_000, end_reason: "close" });
  const of = (word_count: number) =>
    liked([view], () => ({ item_id: "a", title: "A", tags: [], word_count }));
  expect(of(66)).toHaveLength(1);
  expect(of(6_600)).toEqual([]);
});
