import { expect, it } from "vitest";

import { createTestIo } from "./test-server.ts";
import { printFacts, printTable } from "./io.ts";
import { printable, shortened } from "./terminal-text.ts";

it("text of others moves no cursor, colors nothing and begins no line", () => {
  expect(printable("a\u001B[2Jb\nc\u009Bd\u202Ee")).toBe("a\uFFFD[2Jb\uFFFDc\uFFFDd\uFFFDe");
  const io = createTestIo();
  printTable(io, ["name"], [["one\u001B[31m\ntwo"]]);
  printFacts(io, [["name", "one\rtwo"]]);
  expect(io.stdout()).toContain("one\uFFFD[31m\uFFFDtwo");
  expect(io.stdout()).toContain("name  one\uFFFDtwo\n");
});

it.each([
  ["short", 8, "short"],
  ["exactly8", 8, "exactly8"],
  ["nine char", 8, "nine ch\u2026"],
  ["\u6F22\u5B57\u6F22\u5B57", 8, "\u6F22\u5B57\u6F22\u5B57"],
  ["\u6F22\u5B57\u6F22\u5B57\u6F22", 8, "\u6F22\u5B57\u6F22\u2026"],
  ["a\u{1F600}\u{1F600}\u{1F600}\u{1F600}", 8, "a\u{1F600}\u{1F600}\u{1F600}\u2026"],
  ["e\u0301".repeat(8), 8, "e\u0301".repeat(8)],
])("%s in %i columns", (text, width, cut) => {
  expect(shortened(text, width)).toBe(cut);
});
