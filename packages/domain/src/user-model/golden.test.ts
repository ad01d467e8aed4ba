import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import type { ContentItem } from "../content/types.ts";
import type { SignalEvent } from "../events/types.ts";
import { buildUserSignals } from "./build-user-signals.ts";
import { decodeVector } from "./codec.ts";
import type { UserSignals } from "./types.ts";

interface Golden {
  about: string;
  tag_labels: Record<string, string[]>;
  content: ContentItem[];
  events: SignalEvent[];
  expected: UserSignals;
}

const FOLDER = new URL("../../fixtures/user-model/", import.meta.url);
const DAY_MS = 86_400_000;
const NAMES = ["answers-and-dislikes.json", "first-visit.json", "three-days.json"];

function golden(name: string): Golden {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Golden;
}

function build({ content, events, tag_labels: labels }: Golden): UserSignals {
  const items = new Map(content.map((item) => [item.item_id, item]));
  const tagLabels = (label: string) => labels[label] ?? [];
  return buildUserSignals(events, (id) => items.get(id), undefined, tagLabels);
}

test("every fixture is read", () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual(NAMES);
});

test.each(NAMES)("%s", (name) => {
  const fixture = golden(name);
  expect(build(fixture)).toEqual(fixture.expected);
});

describe("by hand", () => {
  const rank = (r: number) => 0.08 + 0.92 * 2 ** (-r / 5);
  const decay = (from: string, to: string, halfLifeDays: number) =>
    2 ** ((Date.parse(from) - Date.parse(to)) / DAY_MS / halfLifeDays);

  test("first visit: 75 s of 330 words, read to the end, once", () => {
    const { expected } = golden("first-visit.json");
    const strength = (0.35 * (75 / 100 / 1.5) + 0.35 * 1 + 0.1 * (1 - Math.exp(-0.5))) / 0.8;
    expect(expected.positives["t1"]).toBeCloseTo(strength, 6);
    expect([...decodeVector(expected.taste ?? "")]).toEqual([1, 0, 0]);
    expect(expected.hours[14]).toBe(1);
  });

  test("three days: every weight", () => {
    const { positives, negatives, tag_affinity: tags } = golden("three-days.json").expected;
    const asOf = "2026-06-12T12:05:00.000Z";
    // 150 s of 100 s, to the end, then a second visit; touched last of all.
    const t1 = (0.35 + 0.35 + 0.1 * (1 - Math.exp(-1))) / 0.8;
    // Disliked, then liked: the later opinion.
    const t4 = 0.6 * rank(1) * decay("2026-06-11T21:36:00.000Z", asOf, 14);
    // The parts give .466; four stars of five are a floor of .5.
    const t2 = 0.5 * rank(2) * decay("2026-06-11T21:33:00.000Z", asOf, 14);
    expect(positives["t1"]).toBeCloseTo(t1, 6);
    expect(positives["t4"]).toBeCloseTo(t4, 6);
    expect(positives["t2"]).toBeCloseTo(t2, 6);
    // Left after 4 s of 50 s.
    const left = 0.35 * (4 / 50 / 1.5) + 0.35 * -0.5 + 0.1 * (1 - Math.exp(-0.5));
    const t3 = (-left / 0.8) * decay("2026-06-10T08:04:00.000Z", asOf, 7);
    expect(negatives["t3"]).toBeCloseTo(t3, 6);
    // Shown and passed over; the like is a bot's.
    expect(negatives["t5"]).toBeCloseTo(0.1 * decay("2026-06-10T08:00:00.000Z", asOf, 7), 6);
    expect(tags["topic:forced labor"]).toBe(1);
    expect(tags["place:harbour"]).toBeCloseTo((t1 + 0.5 * t4) / (t1 + t2), 6);
    expect(tags["topic:gardens"]).toBeCloseTo(t4 / (t1 + t2), 6);
    expect(tags["era:1940s"]).toBeCloseTo((0.5 * t2) / (t1 + t2), 6);
  });

  test("answers: seeds of mass 3 that decay like likes", () => {
    const { tag_affinity: tags, tag_aversion: away } = golden("answers-and-dislikes.json").expected;
    const asOf = "2026-06-15T09:05:00.000Z";
    const music = 3 * decay("2026-06-08T09:05:00.000Z", asOf, 14) + 0.8;
    const gardens = 3 * decay("2026-06-01T09:00:00.000Z", asOf, 14);
    expect(tags["topic:music"]).toBe(1);
    expect(tags["topic:gardens"]).toBeCloseTo(gardens / music, 6);
    expect(tags["place:harbour"]).toBeUndefined();
    const t1 = decay("2026-06-15T09:00:00.000Z", asOf, 7);
    const t3 = 0.8 * decay("2026-06-08T10:00:00.000Z", asOf, 7);
    expect(away["topic:transport"]).toBeCloseTo(t3 / t1, 6);
  });
});
