import { plantedRows } from "@signalpath/domain";
import { buildInteractions, createRandom } from "@signalpath/models";
import { describe, expect, it } from "vitest";

import { judgePromotion } from "../gate.ts";
import { spec } from "../test-world.ts";
import { train } from "./training.ts";

const planted = (structure: number) =>
  buildInteractions(
    plantedRows({
      users: 400,
      items: 120,
      interactions: 8_000,
      groups: 6,
      structure,
      random: createRandom(1, "planted"),
    }),
  );

async function outcomeOf(kind: string, structure: number, parameters = {}) {
  const job = {
    spec: spec({ kind, parameters, split: "random" }),
    threads: 1,
    memoryLimitBytes: 2 ** 30,
    checkpoint: null,
  };
  const hooks = { progress: () => {}, log: () => {}, now: () => 0 };
  return (await train(planted(structure), job, hooks)).outcome;
}

const NONE_SERVES = { version: null, damaged: undefined };

describe("data whose structure is known", () => {
  it.each([
    ["item-knn", {}],
    ["rp3beta", {}],
    ["ease", {}],
    ["ials", { factors: 16, epochs: 6 }],
  ])("%s finds the groups: far ahead of the popular list, and serves", async (kind, parameters) => {
    const outcome = await outcomeOf(kind, 0.9, parameters);
    const popular = outcome.evaluation!.baselines["popular"]!;
    expect(outcome.metrics["ndcg@20"]! / popular["ndcg@20"]).toBeGreaterThan(1.5);
    expect(popular.verdict).toBe("ahead");
  });

  it("item-knn serves where there is structure", async () => {
    const verdict = judgePromotion("better", await outcomeOf("item-knn", 0.9), NONE_SERVES);
    expect(verdict).toMatchObject({
      serve: true,
      opponents: [
        { name: "popular", verdict: "ahead" },
        { name: "item-knn", verdict: "even" },
      ],
    });
  });

  it.each([
    // Left to itself each of them takes chance for a likeness.
    ["item-knn", { neighbours: 10, shrink: 0 }],
    ["ials", { factors: 32, reg: 0.0001, epochs: 6 }],
  ])("where there is none %s loses to the popular list, and is refused", async (kind, given) => {
    const outcome = await outcomeOf(kind, 0, given);
    expect(outcome.evaluation!.baselines["popular"]!.verdict).toBe("behind");
    const verdict = judgePromotion("better", outcome, NONE_SERVES);
    expect(verdict).toMatchObject({ serve: false, reason: "popular is better" });
  });

  it("where there is none the popular list serves", async () => {
    const popular = judgePromotion("better", await outcomeOf("popular", 0), NONE_SERVES);
    expect(popular.serve).toBe(true);
  });
});
