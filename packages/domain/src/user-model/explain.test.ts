import { describe, expect, test } from "vitest";

import type { SignalEvent } from "../events/types.ts";
import { buildUserSignals } from "./build-user-signals.ts";
import { describeModel } from "./describe.ts";
import { explainUserSignals } from "./explain.ts";
import { sampleContent, sampleEvent } from "./sample-events.ts";

const tag = (label: string) => [{ facet: "topic", label }];
const content = sampleContent({
  a1: { tags: tag("Art"), word_count: 330 },
  a2: { tags: tag("art"), word_count: 330 },
  b1: { tags: tag("Bread"), word_count: 330 },
  c1: { tags: tag("Cities") },
});
const react = (hours: number, item_id: string, reaction: SignalEvent["reaction"]) =>
  sampleEvent(hours, { item_id, reaction });
const view = (hours: number, item_id: string, dwell_ms: number, more: Partial<SignalEvent>) =>
  sampleEvent(hours, { kind: "viewed", item_id, dwell_ms, ...more });
const explain = (events: SignalEvent[], tagLabels?: (label: string) => string[]) =>
  explainUserSignals(buildUserSignals(events, content, undefined, tagLabels), content);

describe("explainUserSignals", () => {
  test("of nothing says so", () => {
    expect(explain([])).toEqual({
      interests: [],
      aversions: [],
      engagement_style: "unknown",
      breadth: 0,
      trajectory: "new",
      summary: "Nothing is known yet.",
    });
  });

  test("names tags as their owner writes them, with the items that show them", () => {
    const explained = explain([
      react(0, "a1", "like"),
      react(1, "a2", "share"),
      react(2, "b1", "like"),
      react(3, "c1", "dismiss"),
    ]);
    expect(explained.interests.map(({ label, evidence }) => [label, evidence])).toEqual([
      ["art", ["a2", "a1"]],
      ["Bread", ["b1"]],
    ]);
    expect(explained.interests[0]?.weight).toBe(1);
    expect(explained.aversions).toEqual([{ label: "Cities", weight: 1, evidence: ["c1"] }]);
    expect(explained.summary).toBe(
      "Known from 4 events. They like art and Bread, shown by 3 items. They avoid Cities.",
    );
  });

  test("an interest by their own word has no items behind it", () => {
    const answered = sampleEvent(0, { kind: "survey", answers: { subject: "History" } });
    const explained = explain([answered], (label) => [`topic:${label}`]);
    expect(explained.interests).toEqual([{ label: "history", weight: 1, evidence: [] }]);
    expect(explained.summary).toBe("Known from 1 event. They like history, by their own word.");
  });

  test.each([
    ["deep_reader", 150_000, "next"],
    ["skimmer", 20_000, "next"],
    ["sampler", 150_000, "close"],
  ] as const)("tells a %s", (style, dwell, end_reason) => {
    const views = [0, 1, 2].map((h) => view(h, "a1", dwell, { end_reason }));
    expect(explain(views).engagement_style).toBe(style);
    expect(explain(views.slice(1)).engagement_style).toBe("unknown");
    expect(explain(views).summary).toContain("among them 3 views.");
  });

  test("breadth is 0 for one subject and 1 for an even spread", () => {
    expect(explain([react(0, "a1", "like")]).breadth).toBe(0);
    const even = sampleEvent(0, { kind: "survey", answers: { subjects: ["x", "y", "z"] } });
    const spread = explain([even], (label) => [`topic:${label}`]);
    expect(spread.breadth).toBeCloseTo(1, 12);
    expect(spread.summary).toContain("They like x, y and z, by their own word.");
    expect(spread.summary).toContain("Their interest is broad.");
    const uneven = explain([
      sampleEvent(0, { kind: "survey", answers: { subject: "x" } }),
      ...[1, 2, 3].map((h) => react(h, `i${h}`, "like")),
    ]);
    expect(uneven.breadth).toBe(0);
  });

  test("the tags of one item are no broad interest", () => {
    const spread = (nPositive: number): string => {
      const empty = buildUserSignals([], () => undefined);
      const model = {
        ...empty,
        n_events: nPositive,
        behavior: { ...empty.behavior, n_positive: nPositive },
      };
      const interests = ["x", "y", "z"].map((label) => ({ label, weight: 1, evidence: ["i"] }));
      const facts = { ...explainUserSignals(empty, () => undefined), interests, breadth: 1 };
      return describeModel(model, facts);
    };
    expect(spread(1)).not.toContain("broad");
    expect(spread(8)).toContain("Their interest is broad.");
  });

  test("few subjects are called few", () => {
    const narrow = explain(
      [react(0, "b1", "click"), sampleEvent(500, { kind: "survey", answers: { q: "art" } })],
      () => ["topic:art"],
    );
    expect(narrow.breadth).toBeLessThan(0.5);
    expect(narrow.summary).toContain("Their interest keeps to few subjects.");
  });

  test("trajectory compares the newer half of the recent items with the older", () => {
    const run = (early: SignalEvent["reaction"], late: SignalEvent["reaction"]) =>
      explain(Array.from({ length: 8 }, (_, i) => react(i, `t${i}`, i < 4 ? early : late)));
    expect(run("dismiss", "like").trajectory).toBe("warming");
    expect(run("like", "dismiss").trajectory).toBe("cooling");
    expect(run("like", "like").trajectory).toBe("steady");
    expect(run("like", "dismiss").summary).toContain("less well");
    expect(explain([react(0, "a1", "like")]).trajectory).toBe("new");
  });
});
