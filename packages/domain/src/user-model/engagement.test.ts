import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { END_REASONS, REACTIONS, type SignalEvent } from "../events/types.ts";
import { SIGNALS_CONFIG } from "./config.ts";
import { foldEngagement, type Engagement } from "./engagement.ts";
import { isPositiveEvent } from "./fold-reactions.ts";
import { orderedEvents } from "./ordered-events.ts";
import { sampleEvent } from "./sample-events.ts";

/** 100 s of reading. */
const READING_MS = 100_000;
const REVISIT_1 = 1 - Math.exp(-0.5);

type Given = Partial<SignalEvent>;

function fold(events: readonly SignalEvent[], readingMs: number | null): Engagement {
  const ordered = orderedEvents(events, Number.POSITIVE_INFINITY);
  return foldEngagement(ordered, readingMs ?? undefined, SIGNALS_CONFIG);
}

/** Events an hour apart. */
function engagement(given: readonly Given[], readingMs: number | null = READING_MS) {
  const events = given.map((g, i) => sampleEvent(i, { item_id: "i", event_id: `e${i}`, ...g }));
  return fold(events, readingMs);
}
const strength = (...given: Given[]): number => engagement(given).strength;

const viewed = (given: Given = {}): Given => ({ kind: "viewed", ...given });
const react = (reaction: SignalEvent["reaction"], given: Given = {}): Given => ({
  kind: "feedback",
  reaction,
  ...given,
});
const rated = (rating: number): Given => react("rating", { rating });

describe("views", () => {
  test("all parts add up with their weights", () => {
    const all = strength(viewed({ end_reason: "next", dwell_ms: 75_000 }), rated(3));
    // Dwell 75 s of 100 s, of at most 1.5: 0.5. A neutral rating is a part worth 0.
    expect(all).toBeCloseTo(0.35 * 0.5 + 0.35 * 1 + 0.1 * REVISIT_1, 12);
  });

  test("weights of absent parts are shared out", () => {
    const noRating = strength(viewed({ end_reason: "link", dwell_ms: 150_000 }));
    expect(noRating).toBeCloseTo((0.35 + 0.35 * 0.6 + 0.1 * REVISIT_1) / 0.8, 12);
    const startOnly = strength(viewed());
    expect(startOnly).toBeCloseTo(REVISIT_1, 12);
  });

  test("dwell counts up to one and a half reading times", () => {
    const at = (dwell_ms: number) => engagement([viewed({ dwell_ms })]).dwellRatio;
    expect(at(150_000)).toBe(1);
    expect(at(900_000)).toBe(1);
    expect(at(30_000)).toBeCloseTo(0.2, 12);
  });

  test("without an estimate any time counts fully, none not at all", () => {
    expect(engagement([viewed({ dwell_ms: 1 })], null).dwellRatio).toBe(1);
    const none = fold([sampleEvent(0, viewed({ dwell_ms: 0 }))], null);
    expect(none.dwellRatio).toBe(0);
  });

  test("dwell that is not told is measured from the first start to the end", () => {
    const measured = fold(
      [
        sampleEvent(0, { kind: "viewed", item_id: "i" }),
        sampleEvent(0.005, { kind: "viewed", item_id: "i" }),
        sampleEvent(0.01, { kind: "viewed", item_id: "i", end_reason: "close" }),
      ],
      READING_MS,
    );
    expect(measured.views).toMatchObject({ visits: 2, ended: 1, completed: 0, dwellMs: 36_000 });
  });

  test("time between two visits is not dwell", () => {
    const twice = fold(
      [
        sampleEvent(0, { kind: "viewed", item_id: "i" }),
        sampleEvent(0.01, { kind: "viewed", item_id: "i", end_reason: "close" }),
        sampleEvent(240, { kind: "viewed", item_id: "i" }),
        sampleEvent(240.02, { kind: "viewed", item_id: "i", end_reason: "next" }),
      ],
      READING_MS,
    );
    expect(twice.views).toMatchObject({ visits: 2, ended: 2, completed: 1, dwellMs: 72_000 });
  });

  test("told dwell stands before measured dwell", () => {
    expect(
      engagement([viewed(), viewed({ end_reason: "close", dwell_ms: 5_000 })]).views.dwellMs,
    ).toBe(5_000);
  });

  test("an end without a start is a visit", () => {
    expect(engagement([viewed({ end_reason: "next" })]).views.visits).toBe(1);
  });

  test("abandoned below a tenth of the reading time is negative, however often", () => {
    const early = viewed({ end_reason: "abandon", dwell_ms: 9_999 });
    expect(engagement(Array.from({ length: 30 }, () => early)).stance).toBe("negative");
    const later = viewed({ end_reason: "abandon", dwell_ms: 10_000 });
    expect(engagement(Array.from({ length: 30 }, () => later)).stance).toBe("neutral");
  });

  test("a view that went on speaks louder than one that was abandoned", () => {
    expect(
      engagement([
        viewed({ end_reason: "abandon", dwell_ms: 1_000 }),
        viewed({ end_reason: "next", dwell_ms: 100_000 }),
      ]).stance,
    ).toBe("positive");
  });
});

describe("reactions", () => {
  test.each([
    ["click", 0.3, "positive"],
    ["like", 0.6, "positive"],
    ["done", 0.8, "positive"],
    ["bookmark", 0.8, "positive"],
    ["share", 1, "positive"],
    ["comment", 1, "positive"],
    ["purchase", 1, "positive"],
    ["dismiss", -0.8, "negative"],
    ["dislike", -0.8, "negative"],
    ["report", -1, "negative"],
    ["snooze", 0, "neutral"],
    ["unlike", 0, "neutral"],
  ] as const)("%s alone is %d, %s", (reaction, expected, stance) => {
    expect(engagement([react(reaction)])).toMatchObject({ strength: expected, stance });
  });

  test.each([
    [1, -1],
    [2, -0.5],
    [3, 0],
    [4, 0.5],
    [5, 1],
  ])("a rating of %d alone is %d", (rating, expected) => {
    expect(strength(rated(rating))).toBe(expected);
  });

  test("a floor lifts a weak view, a ceiling lowers a strong one", () => {
    const weak = viewed({ end_reason: "close", dwell_ms: 20_000 });
    const strong = viewed({ end_reason: "next", dwell_ms: 150_000 });
    expect(strength(weak, react("done"))).toBe(0.8);
    expect(strength(strong, react("dismiss"))).toBe(-0.8);
    expect(strength(strong, react("like"))).toBeGreaterThan(0.9);
  });

  test("unlike cancels like and nothing else", () => {
    expect(strength(react("like"), react("unlike"))).toBe(0);
    expect(strength(react("done"), react("like"), react("unlike"))).toBe(0.8);
    expect(strength(react("unlike"), react("like"))).toBe(0.6);
  });

  test("the later opinion stands", () => {
    expect(strength(react("dislike"), react("like"))).toBe(0.6);
    expect(strength(react("like"), react("dislike"))).toBe(-0.8);
    expect(strength(react("click"), react("report"))).toBe(-1);
    expect(strength(react("purchase"), rated(1))).toBe(-1);
    expect(strength(rated(1), react("purchase"))).toBe(1);
    expect(strength(rated(5), react("dismiss"))).toBe(-0.8);
    expect(strength(react("dismiss"), rated(5))).toBe(1);
    expect(strength(rated(5), rated(3))).toBe(0);
  });

  test("a click on something disliked is no change of mind", () => {
    expect(strength(react("dislike"), react("click"))).toBe(-0.8);
  });

  test("a bad rating outweighs a complete view", () => {
    expect(strength(viewed({ end_reason: "next", dwell_ms: 150_000 }), rated(1))).toBe(-1);
  });

  test("time told by a positive reaction may help and never harms", () => {
    expect(strength(react("like", { dwell_ms: 150_000 }))).toBe(1);
    expect(strength(react("like", { dwell_ms: 10 }))).toBe(0.6);
    const finished = viewed({ end_reason: "next" });
    expect(strength(finished, react("like", { dwell_ms: 10 }))).toBe(strength(finished));
    expect(strength(react("snooze", { dwell_ms: 150_000 }))).toBe(0);
  });

  test("an item nobody said anything about is neutral", () => {
    expect(engagement([])).toMatchObject({ strength: 0, stance: "neutral", dwellRatio: undefined });
  });
});

describe("snooze", () => {
  const hidden = (...given: Given[]) => engagement(given).hiddenUntilMs;

  test("hides for 24 hours", () => {
    const at = sampleEvent(0, {}).occurred_at;
    expect(hidden(react("snooze"))).toBe(Date.parse(at) + 86_400_000);
  });

  test("ends with a later visit or reaction, not with the end of the view it was given in", () => {
    expect(hidden(react("snooze"), viewed())).toBeUndefined();
    expect(hidden(react("snooze"), react("done"))).toBeUndefined();
    expect(hidden(viewed(), react("snooze"), viewed({ end_reason: "close" }))).toBeDefined();
  });
});

describe("positive events", () => {
  test.each([
    [viewed(), false],
    [viewed({ end_reason: "next" }), true],
    [viewed({ end_reason: "link" }), true],
    [viewed({ end_reason: "abandon" }), false],
    [react("done"), true],
    [react("dismiss"), false],
    [rated(4), true],
    [rated(3), false],
    [{ kind: "served" } as const, false],
  ])("%j: %s", (given, expected) => {
    expect(isPositiveEvent(sampleEvent(0, given), SIGNALS_CONFIG)).toBe(expected);
  });
});

describe("laws", () => {
  const anyDwell = fc.integer({ min: 0, max: 400_000 });
  const anyView = fc.record({
    kind: fc.constant("viewed" as const),
    end_reason: fc.option(fc.constantFrom(...END_REASONS), { nil: undefined }),
    dwell_ms: fc.option(anyDwell, { nil: undefined }),
  });
  const anyReaction = fc
    .record({
      kind: fc.constant("feedback" as const),
      reaction: fc.constantFrom(...REACTIONS),
      dwell_ms: fc.option(anyDwell, { nil: undefined }),
      rating: fc.integer({ min: 1, max: 5 }),
    })
    .map(({ rating, ...rest }) => (rest.reaction === "rating" ? { ...rest, rating } : rest));
  const anyTouches = fc.array(fc.oneof(anyView, anyReaction), { maxLength: 8 });
  const anyReading = fc.constantFrom(null, 2_000, READING_MS);

  test("strength lies in [-1, 1] and decides the stance", () => {
    fc.assert(
      fc.property(anyTouches, anyReading, (touches, readingMs) => {
        const { strength, stance } = engagement(touches, readingMs);
        expect(Math.abs(strength)).toBeLessThanOrEqual(1);
        const expected = strength >= 0.25 ? "positive" : strength <= -0.1 ? "negative" : "neutral";
        expect(stance).toBe(expected);
      }),
    );
  });

  test("longer dwell never lowers strength", () => {
    fc.assert(
      fc.property(anyTouches, anyReading, fc.nat(), anyDwell, (touches, reading, at, extra) => {
        const told = touches.flatMap((t, i) => (t.dwell_ms === undefined ? [] : [i]));
        fc.pre(told.length > 0);
        const chosen = told[at % told.length];
        const longer = touches.map((t, i) =>
          i === chosen ? { ...t, dwell_ms: (t.dwell_ms ?? 0) + extra } : t,
        );
        expect(engagement(longer, reading).strength).toBeGreaterThanOrEqual(
          engagement(touches, reading).strength,
        );
      }),
    );
  });

  test("a positive reaction never lowers strength, whenever it happened", () => {
    const positive = fc.record({
      kind: fc.constant("feedback" as const),
      reaction: fc.constantFrom(
        ...(["click", "like", "done", "bookmark", "share", "comment", "purchase"] as const),
      ),
      dwell_ms: fc.option(anyDwell, { nil: undefined }),
    });
    fc.assert(
      fc.property(anyTouches, positive, fc.nat(), anyReading, (touches, added, at, reading) => {
        const place = at % (touches.length + 1);
        const before = touches.map((t, i) => sampleEvent(i, { ...t, event_id: `e${i}` }));
        const after = [...before, sampleEvent(place - 0.5, { ...added, event_id: "added" })];
        expect(fold(after, reading).strength).toBeGreaterThanOrEqual(
          fold(before, reading).strength,
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
