import type { LiveSecond, VerdictFact } from "@signalpath/contracts";
import { describe, expect, it } from "vitest";

import { EMPTY, fits, freshnessOf, KEPT, SECONDS, sumOf, withArrived } from "./live-state.ts";

function verdict(item_id: string, kind: VerdictFact["verdict"] = "accepted"): VerdictFact {
  return { verdict: kind, item_id, received_at: "2026-06-12T12:00:00.000Z" };
}

function second(accepted: number, told: number, counts: number[] = [0, 0]): LiveSecond {
  return {
    at: "2026-06-12T12:00:00.000Z",
    totals: { accepted, duplicate: 1, ignored: 0, expired: 0, dead_lettered: 0 },
    told,
    freshness: { bounds_ms: [100], counts },
    lag: [],
    degraded: [],
  };
}

const nothing = { verdicts: [], seconds: [], gaps: [] };

describe("withArrived", () => {
  it("puts the newest first and gives every row a number of its own", () => {
    const once = withArrived(EMPTY, { ...nothing, verdicts: [verdict("a"), verdict("b")] });
    const twice = withArrived(once, { ...nothing, verdicts: [verdict("c")] });
    expect(twice.verdicts.map(({ item_id }) => item_id)).toEqual(["c", "b", "a"]);
    expect(new Set(twice.verdicts.map(({ key }) => key)).size).toBe(3);
  });

  it("keeps a bounded window of ten thousand events and counts them all", () => {
    const many = Array.from({ length: 10_000 }, (_, at) => verdict(`i${at}`));
    const state = withArrived(EMPTY, { ...nothing, verdicts: many, seconds: [second(9_999, 500)] });
    expect(state.verdicts).toHaveLength(KEPT);
    expect(state.verdicts[0]?.item_id).toBe("i9999");
    expect(sumOf(state.totals)).toBe(10_000);
    expect(state.told).toBe(500);
  });

  it("forgets seconds older than its window, not their totals", () => {
    let state = EMPTY;
    for (let at = 0; at < SECONDS + 5; at++) {
      state = withArrived(state, { ...nothing, seconds: [second(1, 2)] });
    }
    expect(state.seconds).toHaveLength(SECONDS);
    expect(state.totals.accepted).toBe(SECONDS + 5);
  });

  it("keeps the newest gap", () => {
    const gap = { reason: "slow", missed: 3 } as const;
    const state = withArrived(EMPTY, { ...nothing, gaps: [gap] });
    expect(withArrived(state, nothing).gap).toEqual(gap);
  });
});

describe("freshnessOf", () => {
  it("adds the seconds up, the last bin is above every bound", () => {
    const bins = freshnessOf([second(0, 0, [2, 1]), second(0, 0, [3, 0])], (ms) => `${ms} ms`);
    expect(bins).toEqual([
      { label: "≤ 100 ms", count: 5 },
      { label: "more", count: 1 },
    ]);
  });
});

describe("fits", () => {
  it("asks for the verdict and for a part of what is shown", () => {
    expect(fits(verdict("Shirt"), { verdict: "accepted", text: "shi" })).toBe(true);
    expect(fits(verdict("Shirt"), { verdict: "ignored", text: "" })).toBe(false);
    expect(fits(verdict("Shirt"), { verdict: "", text: "shoe" })).toBe(false);
  });
});
