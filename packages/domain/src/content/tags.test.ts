import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { fold, foldTagText, tagKey } from "./tags.ts";

describe("fold", () => {
  test.each([
    ["Forced Labor", "forced labor"],
    ["forced-labor", "forced labor"],
    ["  FORCED__labor ", "forced labor"],
    ["forced./labor", "forced labor"],
    ["Café", "cafe"],
    ["Cafe\u0301", "cafe"],
    ["ＴＯＫＹＯ", "tokyo"],
    ["", ""],
    ["---", ""],
  ])("%j is %j", (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  test("folding again changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
    );
  });

  test("case, accents and separators do not tell ASCII words apart", () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const separator = fc.constantFrom(" ", "_", "-", ".", "/", " - ");
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), separator, (words, by) => {
        expect(fold(words.join(by).toUpperCase())).toBe(words.join(" "));
      }),
    );
  });
});

describe("tagKey", () => {
  test("joins facet and label, both folded", () => {
    expect(tagKey({ facet: "Topic", label: "Forced-Labor" })).toBe("topic:forced labor");
  });

  test("tells facets apart", () => {
    expect(tagKey({ facet: "place", label: "Rome" })).not.toBe(
      tagKey({ facet: "topic", label: "Rome" }),
    );
  });
});

describe("foldTagText", () => {
  test("reads facet:label as the tag it names", () => {
    expect(foldTagText("Topic: Forced_Labor")).toBe("topic:forced labor");
    expect(foldTagText("time:12:30")).toBe("time:12:30");
  });

  test("without a colon is a folded label", () => {
    expect(foldTagText(" Forced_Labor")).toBe("forced labor");
  });
});
