import { describe, expect, test } from "vitest";

import { hash32 } from "../content/hash.ts";
import type { SignalEvent } from "../events/types.ts";
import { buildUserSignals } from "./build-user-signals.ts";
import { encodeUserSignals, seenSet } from "./codec.ts";
import { SIGNALS_CONFIG } from "./config.ts";
import { sampleContent, sampleEvent, sampleTime, SUBJECTS as content } from "./sample-events.ts";

const react = (hours: number, item_id: string, reaction: SignalEvent["reaction"]) =>
  sampleEvent(hours, { item_id, reaction });
const identified = (hours: number, traits: Record<string, unknown>) =>
  sampleEvent(hours, { kind: "identified", traits });
const DAY = 24;

describe("buildUserSignals", () => {
  test("of nothing is a valid empty model", () => {
    expect(buildUserSignals([], content)).toEqual({
      version: SIGNALS_CONFIG.version,
      as_of: "1970-01-01T00:00:00.000Z",
      n_events: 0,
      seen: "",
      hidden_until: {},
      recent: [],
      positives: {},
      negatives: {},
      tag_affinity: {},
      tag_aversion: {},
      interests: [],
      behavior: {
        n_views: 0,
        n_positive: 0,
        n_negative: 0,
        avg_dwell_ratio: 0,
        completion_rate: 0,
        revisit_rate: 0,
        depth: 0,
      },
      hours: Array.from({ length: 24 }, () => 0),
      demographics: {},
    });
  });

  test("is of the newest event, or of the time asked for", () => {
    const events = [react(0, "art", "like"), react(5, "bread", "like")];
    expect(buildUserSignals(events, content).as_of).toBe(sampleTime(5));
    const earlier = buildUserSignals(events, content, sampleTime(3));
    expect(earlier).toMatchObject({ as_of: sampleTime(3), n_events: 1, recent: ["art"] });
    expect(earlier.positives["art"]).toBeLessThan(0.6);
  });

  test("refuses what is no date", () => {
    expect(() => buildUserSignals([], content, "soon")).toThrow("asOf");
    const bad = { ...react(0, "art", "like"), occurred_at: "soon" };
    expect(() => buildUserSignals([bad], content)).toThrow("occurred_at");
  });

  test("what is seen was viewed or reacted to, not merely served", () => {
    const model = buildUserSignals(
      [
        sampleEvent(0, { kind: "served", item_id: "art" }),
        sampleEvent(1, { kind: "viewed", item_id: "bread" }),
        react(2, "city", "dismiss"),
        react(3, "gone", "like"),
      ],
      content,
    );
    expect(seenSet(model)).toEqual(new Set(["bread", "city", "gone"].map(hash32)));
    expect(model.recent).toEqual(["gone", "city", "bread"]);
    expect(model.n_events).toBe(4);
  });

  test("a snoozed item is hidden for a day, then comes back", () => {
    const snoozed = [react(0, "art", "snooze")];
    const model = buildUserSignals(snoozed, content);
    expect(model.hidden_until).toEqual({ art: sampleTime(DAY) });
    expect(model.seen).toBe("");
    expect(model.recent).toEqual(["art"]);
    expect(buildUserSignals(snoozed, content, sampleTime(DAY)).hidden_until).toEqual({});
    const visited = [...snoozed, sampleEvent(1, { kind: "viewed", item_id: "art" })];
    expect(buildUserSignals(visited, content)).toMatchObject({ hidden_until: {} });
    expect(seenSet(buildUserSignals(visited, content))).toEqual(new Set([hash32("art")]));
  });
});

describe("items", () => {
  test("positives decay by rank among liked items and by age", () => {
    const { positives } = buildUserSignals(
      [react(0, "art", "done"), react(1, "bread", "dismiss"), react(14 * DAY, "city", "like")],
      content,
    );
    const rank1 = 0.08 + 0.92 * 2 ** (-1 / 5);
    expect(positives["city"]).toBe(0.6);
    expect(positives["art"]).toBeCloseTo(0.8 * rank1 * 0.5, 6);
  });

  test("negatives decay by age alone, with half the half-life", () => {
    const { negatives } = buildUserSignals(
      [react(0, "art", "dismiss"), react(7 * DAY, "city", "report")],
      content,
    );
    expect(negatives).toEqual({ art: 0.4, city: 1 });
  });

  test("an item passed over in a list weighs softly, and on no tag", () => {
    const model = buildUserSignals(
      [
        sampleEvent(0, { kind: "served", item_id: "art", impressions: ["art", "bread", "city"] }),
        react(1, "bread", "like"),
        sampleEvent(7 * DAY, { kind: "served", impressions: ["art"] }),
      ],
      content,
    );
    expect(model.negatives).toEqual({ art: 0.1, city: 0.05 });
    expect(model.tag_aversion).toEqual({});
    expect(model.taste_away).toBeUndefined();
    expect(model.behavior.n_negative).toBe(0);
  });

  test("tables keep the heaviest", () => {
    const likes = Array.from({ length: 120 }, (_, i) => react(i / 10, `l${i}`, "like"));
    const hates = Array.from({ length: 60 }, (_, i) => react(i, `h${i}`, "report"));
    const model = buildUserSignals([...likes, ...hates], content);
    expect(Object.keys(model.positives)).toHaveLength(100);
    expect(model.positives["l119"]).toBeDefined();
    expect(model.positives["l0"]).toBeUndefined();
    expect(Object.keys(model.negatives)).toHaveLength(50);
    expect(model.negatives["h9"]).toBeUndefined();
    expect(model.recent).toHaveLength(20);
  });
});

describe("tags", () => {
  test("affinity is relative to the greatest, spellings are one", () => {
    const { tag_affinity: affinity } = buildUserSignals(
      [react(0, "art", "like"), react(0, "artist", "like"), react(0, "bread", "like")],
      content,
    );
    // At one time the id decides: bread is touched last, then artist, then art.
    const rank = (r: number) => 0.08 + 0.92 * 2 ** (-r / 5);
    expect(affinity["topic:art"]).toBe(1);
    expect(affinity["topic:bread"]).toBeCloseTo(0.5 / (rank(1) + rank(2)), 6);
  });

  test("a dislike among likes of a tag is no aversion to it", () => {
    const model = buildUserSignals(
      [react(0, "art", "like"), react(0, "artist", "done"), react(1, "both", "dislike")],
      content,
    );
    expect(model.tag_aversion).toEqual({ "topic:bread": 1 });
    expect(model.tag_affinity).toEqual({ "topic:art": 1 });
  });

  test("at most 64, ties by key", () => {
    const label = (n: number) => `t${String(n).padStart(3, "0")}`;
    const tags = Array.from({ length: 80 }, (_, n) => ({ facet: "f", label: label(n) }));
    const { tag_affinity: affinity } = buildUserSignals(
      [react(0, "many", "like")],
      sampleContent({ many: { tags: tags.toReversed() } }),
    );
    expect(Object.keys(affinity)).toEqual(tags.slice(0, 64).map((t) => `f:${t.label}`));
  });
});

describe("behavior and person", () => {
  test("counts views, completion, revisits and depth", () => {
    const view = (hours: number, item_id: string, more: Partial<SignalEvent>) =>
      sampleEvent(hours, { kind: "viewed", item_id, ...more });
    const { behavior } = buildUserSignals(
      [
        view(0, "art", { session_id: "s1", end_reason: "next", dwell_ms: 5_000 }),
        view(1, "bread", { session_id: "s1", end_reason: "close", dwell_ms: 0 }),
        view(2, "art", { session_id: "s2" }),
        react(DAY, "city", "dismiss"),
      ],
      content,
    );
    expect(behavior).toEqual({
      n_views: 3,
      n_positive: 1,
      n_negative: 1,
      avg_dwell_ratio: 0.5,
      completion_rate: 0.5,
      revisit_rate: 0.5,
      // s1: art, bread; s2: art; the day of the dismissal: city.
      depth: 1.333333,
    });
  });

  test("hours are those of the person's own clock", () => {
    const at = (hours: number, utc_offset_min?: number) =>
      sampleEvent(hours, { item_id: "art", reaction: "like", utc_offset_min });
    const { hours } = buildUserSignals([at(3), at(23.5, 330), at(0.5, -60)], content);
    expect(hours.flatMap((n, hour) => (n === 0 ? [] : [[hour, n]]))).toEqual([
      [3, 1],
      [5, 1],
      [23, 1],
    ]);
  });

  test("the newest place stands", () => {
    const at = (hours: number, lat: number) =>
      sampleEvent(hours, { kind: "viewed", item_id: "art", location: { lat, lon: 1 } });
    expect(buildUserSignals([at(1, 10), at(0, 20)], content).last_location).toEqual({
      lat: 10,
      lon: 1,
    });
  });
});

test("2,000 events of a large catalogue fit into 32 KB", () => {
  const id = (n: number) => `3f2504e0-4f89-41d3-9a0c-${String(n).padStart(12, "0")}`;
  const items = Array.from({ length: 2_000 }, (_, n) => [
    id(n),
    {
      tags: Array.from({ length: 4 }, (_, k) => ({
        facet: "some facet",
        label: `Label of tag ${(n * 7 + k * 31) % 211}`,
      })),
      vector: Array.from({ length: 384 }, (_, d) => Math.sin(n + d * d)),
    },
  ]);
  const events = items.map(([itemId], n) =>
    react(n / 3, itemId as string, n % 4 === 0 ? "dismiss" : "like"),
  );
  const traits = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`trait_${n}`, "value"]));
  const model = buildUserSignals(
    [...events, identified(700, traits)],
    sampleContent(Object.fromEntries(items)),
  );
  expect(model.n_events).toBe(2_001);
  expect(Buffer.byteLength(encodeUserSignals(model))).toBeLessThanOrEqual(32 * 1024);
});
