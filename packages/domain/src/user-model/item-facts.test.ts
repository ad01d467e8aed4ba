import { describe, expect, test } from "vitest";

import type { ContentItem } from "../content/types.ts";
import { SIGNALS_CONFIG } from "./config.ts";
import { createItemFacts, readingTime } from "./item-facts.ts";

const item = (more: Partial<ContentItem>): ContentItem => ({
  item_id: "i",
  title: "t",
  tags: [],
  ...more,
});

describe("reading time", () => {
  const seconds = (more: Partial<ContentItem>) => {
    const ms = readingTime(item(more), SIGNALS_CONFIG.reading);
    return ms === undefined ? undefined : ms / 1_000;
  };

  test("is words over 3.3 a second, 8 s more with a picture", () => {
    expect(seconds({ word_count: 330 })).toBeCloseTo(100, 9);
    expect(seconds({ word_count: 330, has_image: true })).toBeCloseTo(108, 9);
  });

  test("counts the words of the text when nobody else did", () => {
    expect(seconds({ text: " one two\nthree " })).toBeCloseTo(3 / 3.3, 9);
    expect(seconds({ text: "one two", word_count: 33 })).toBeCloseTo(10, 9);
  });

  test("is unknown without words", () => {
    expect(seconds({})).toBeUndefined();
    expect(seconds({ text: "  " })).toBeUndefined();
    expect(seconds({ word_count: 0, has_image: true })).toBeUndefined();
  });
});

describe("createItemFacts", () => {
  test("derives an item once", () => {
    const factsOf = createItemFacts(SIGNALS_CONFIG);
    const one = item({ vector: [3, 4] });
    expect(factsOf(one)).toBe(factsOf(one));
    expect(factsOf(one)).toMatchObject({ norm: 5, readingMs: undefined });
    expect(factsOf({ ...one })).not.toBe(factsOf(one));
  });

  test("of tags that fold alike the heaviest stands", () => {
    const tags = [
      { facet: "topic", label: "Art", weight: 0.2 },
      { facet: "Topic", label: "ART", weight: 0.7 },
      { facet: "topic", label: "art", weight: 0.4 },
    ];
    expect(createItemFacts(SIGNALS_CONFIG)(item({ tags })).tags).toEqual([
      { key: "topic:art", weight: 0.7 },
    ]);
  });

  test("goes on after more spellings than it remembers", () => {
    const factsOf = createItemFacts(SIGNALS_CONFIG);
    const tags = Array.from({ length: 20_001 }, (_, n) => ({ facet: "f", label: `L${n}` }));
    const keys = factsOf(item({ tags })).tags.map(({ key }) => key);
    expect(keys).toHaveLength(20_001);
    expect([keys[0], keys.at(-1)]).toEqual(["f:l0", "f:l20000"]);
  });
});
