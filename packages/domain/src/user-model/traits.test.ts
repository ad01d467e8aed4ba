import { describe, expect, test } from "vitest";

import type { SignalEvent } from "../events/types.ts";
import { buildUserSignals } from "./build-user-signals.ts";
import { sampleContent, sampleEvent, SUBJECTS } from "./sample-events.ts";

const react = (hours: number, item_id: string, reaction: SignalEvent["reaction"]) =>
  sampleEvent(hours, { item_id, reaction });
const identified = (hours: number, traits: Record<string, unknown>) =>
  sampleEvent(hours, { kind: "identified", traits });

describe("seeds", () => {
  const byLabel = (label: string): string[] =>
    ({ rome: ["place:rome"], art: ["topic:art"], bread: ["topic:bread", "craft:bread"] })[label] ??
    [];
  const seeded = (events: SignalEvent[]) =>
    buildUserSignals(events, SUBJECTS, undefined, byLabel).tag_affinity;

  test("a trait, an answer, or a member of a list that equals a label", () => {
    expect(seeded([identified(0, { home: "ROME", age: 7 })])).toEqual({ "place:rome": 1 });
    const answers = { likes: ["art", 3, "bread", "unknown"] };
    expect(seeded([sampleEvent(0, { kind: "survey", answers })])).toEqual({
      "topic:art": 1,
      "topic:bread": 1,
      "craft:bread": 1,
    });
  });

  test("without labels they seed nothing", () => {
    expect(buildUserSignals([identified(0, { home: "Rome" })], SUBJECTS).tag_affinity).toEqual({});
  });

  test("the newest value of a trait counts, not those before", () => {
    expect(seeded([identified(0, { home: "Rome" }), identified(1, { home: "Bread" })])).toEqual({
      "topic:bread": 1,
      "craft:bread": 1,
    });
    expect(seeded([identified(0, { home: "Rome" }), identified(1, { home: null })])).toEqual({});
  });

  test("dominate while events are few, and give way to many", () => {
    const seed = identified(0, { home: "rome" });
    const few = seeded([seed, react(0, "art", "like")]);
    expect(few["place:rome"]).toBe(1);
    // 0.6 against a mass of 3.
    expect(few["topic:art"]).toBeCloseTo(0.2, 6);
    const tags = [{ facet: "topic", label: "Art" }];
    const ids = Array.from({ length: 20 }, (_, i) => `a${i}`);
    const many = buildUserSignals(
      [seed, ...ids.map((id) => react(0, id, "share"))],
      sampleContent(Object.fromEntries(ids.map((id) => [id, { tags }]))),
      undefined,
      byLabel,
    ).tag_affinity;
    expect(many["topic:art"]).toBe(1);
    expect(many["place:rome"]).toBeLessThan(0.5);
  });

  test("very long texts are not looked up", () => {
    const asked: string[] = [];
    buildUserSignals([identified(0, { a: "x".repeat(201), b: "y" })], SUBJECTS, undefined, (l) => {
      asked.push(l);
      return [];
    });
    expect(asked).toEqual(["y"]);
  });
});

describe("demographics", () => {
  test("are the newest scalar traits, bounded", () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`z${i}`, i]));
    const { demographics } = buildUserSignals(
      [
        identified(0, { age: 30, plan: "free", ["n".repeat(201)]: 1 }),
        identified(1, { age: 31, vip: true, bio: "b".repeat(500), list: [1], bad: Infinity }),
        sampleEvent(2, { kind: "viewed", item_id: "art", traits: { age: 99 } }),
        identified(2, many),
      ],
      SUBJECTS,
    );
    expect(Object.keys(demographics)).toHaveLength(50);
    expect(demographics).toMatchObject({ age: 31, plan: "free", vip: true, bio: "b".repeat(200) });
  });
});
