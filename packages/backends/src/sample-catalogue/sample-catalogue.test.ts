import { contentItem } from "@signalpath/contracts";
import type { ContentItem } from "@signalpath/domain";
import { describe, expect, it } from "vitest";

import { SAMPLE_THEMES, sampleCatalogue } from "./sample-catalogue.ts";

const DAY_MS = 24 * 3_600_000;
const NOW = Date.parse("2026-06-12T12:00:00.000Z");
const items = sampleCatalogue(NOW);

function themeOf(item: ContentItem): string | undefined {
  return item.tags.find((tag) => tag.facet === "theme")?.label;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function nearest(item: ContentItem, k: number): ContentItem[] {
  return items
    .filter((other) => other !== item)
    .map((other) => ({ other, cosine: dot(item.vector ?? [], other.vector ?? []) }))
    .toSorted((a, b) => b.cosine - a.cosine)
    .slice(0, k)
    .map(({ other }) => other);
}

describe("sampleCatalogue", () => {
  it("is 25 pieces in each of 8 themes with unique ids and titles", () => {
    expect(SAMPLE_THEMES).toHaveLength(8);
    for (const theme of SAMPLE_THEMES) {
      expect(items.filter((item) => themeOf(item) === theme)).toHaveLength(25);
    }
    expect(new Set(items.map((item) => item.item_id)).size).toBe(200);
    expect(new Set(items.map((item) => item.title)).size).toBe(200);
  });

  it("is accepted by the catalogue's own schema", () => {
    for (const item of items) expect(contentItem.safeParse(item).error).toBeUndefined();
  });

  it("carries four to six distinct tags, a text and a length each", () => {
    for (const item of items) {
      const keys = item.tags.map((tag) => `${tag.facet}:${tag.label}`);
      expect(keys.length).toBeGreaterThanOrEqual(4);
      expect(keys.length).toBeLessThanOrEqual(6);
      expect(new Set(keys).size).toBe(keys.length);
      expect(item.text?.length).toBeGreaterThan(40);
      expect(item.word_count).toBeGreaterThanOrEqual(60);
    }
  });

  it("shares every topic between at least two pieces of its theme", () => {
    const topics = new Map<string, number>();
    for (const item of items) {
      const topic = item.tags.find((tag) => tag.facet === "topic")?.label;
      const name = `${themeOf(item)}/${topic}`;
      topics.set(name, (topics.get(name) ?? 0) + 1);
    }
    expect([...topics].filter(([, count]) => count < 2)).toEqual([]);
  });

  it("places 25 to 45 pieces within eight kilometres of one market square", () => {
    const placed = items.filter((item) => item.lat !== undefined);
    expect(placed.length).toBeGreaterThanOrEqual(25);
    expect(placed.length).toBeLessThanOrEqual(45);
    for (const item of placed) {
      const north = ((item.lat ?? 0) - 52.1515) * 111;
      const east = ((item.lon ?? 0) - 9.951) * 68;
      expect(Math.hypot(north, east)).toBeLessThan(8);
    }
  });

  it("spreads publication over the 180 days before now", () => {
    const ages = items.map((item) => (NOW - Date.parse(item.published_at ?? "")) / DAY_MS);
    expect(Math.min(...ages)).toBeGreaterThan(0);
    expect(Math.max(...ages)).toBeLessThanOrEqual(180.1);
    expect(ages.filter((age) => age < 30).length).toBeGreaterThanOrEqual(25);
    expect(new Set(ages).size).toBe(items.length);
  });

  it("has unit vectors of 64 dimensions", () => {
    for (const item of items) {
      expect(item.vector).toHaveLength(64);
      expect(dot(item.vector ?? [], item.vector ?? [])).toBeCloseTo(1, 3);
    }
  });

  it("finds nearest neighbours in the same theme at least nine times in ten", () => {
    const same = items.flatMap((item) =>
      nearest(item, 5).map((other) => themeOf(other) === themeOf(item)),
    );
    expect(same.filter(Boolean).length / same.length).toBeGreaterThanOrEqual(0.9);
  });

  it("depends on nothing but the time given", () => {
    expect(sampleCatalogue(NOW)).toEqual(items);
    expect(sampleCatalogue(NOW + DAY_MS)[0]?.published_at).not.toBe(items[0]?.published_at);
  });
});
