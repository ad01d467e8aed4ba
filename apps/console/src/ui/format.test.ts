import { describe, expect, it } from "vitest";

import { curl } from "./curl.ts";
import { formatAgo, formatCount, formatDuration, formatShare, formatTime } from "./format.ts";

describe("figures in words", () => {
  it.each([
    [350, "350 ms"],
    [1_200, "1.2 s"],
    [180_000, "3.0 min"],
    [21_600_000, "6.0 h"],
    [172_800_000, "2.0 d"],
  ])("%d milliseconds are %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  it.each([
    [-5_000, "just now"],
    [4_000, "4 s ago"],
    [61_000, "1 min ago"],
    [7_300_000, "2 h ago"],
    [90_000_000, "1 d ago"],
  ])("an age of %d milliseconds is %s", (ms, text) => expect(formatAgo(ms)).toBe(text));

  it("writes counts, shares and times", () => {
    expect(formatCount(12_345)).toBe("12,345");
    expect(formatShare(0.1234)).toBe("12.3%");
    expect(formatTime(new Date("2026-06-12T12:00:00Z"), "Asia/Kolkata")).toBe(
      "2026-06-12 17:30:00",
    );
  });
});

describe("curl", () => {
  it("keeps the key out and quotes what a shell would read", () => {
    const text = curl("/api/x", { method: "POST", body: { a: "it's" } }, "http://h");
    expect(text).toBe(
      `curl -s -X POST -H "X-API-Key: $API_KEY" -H "Content-Type: application/json" -d '{"a":"it'\\''s"}' 'http://h/api/x'`,
    );
  });
});
