import {
  addObservations,
  emptyLearnerSums,
  exploreList,
  SCORERS,
  type LearnerItem,
} from "@signalpath/domain";
import { createMemoryLearning, UnavailableError, type Learner } from "@signalpath/ports";
import { createLogger, createMetrics, sha256 } from "@signalpath/service-kit";
import { describe, expect, it, onTestFinished } from "vitest";

import { createLearnerFeed, type Learned } from "./learner-feed.ts";

const PROJECT = 1;
const NOW = Date.UTC(2026, 5, 12);
const itemOf = (n: number): LearnerItem => ({
  item_id: `i${n}`,
  static_score: 1 / (n + 1),
  values: SCORERS.map((_, at) => ((n * 7 + at * 3) % 10) / 10),
});

/** A project whose bandit has seen 100 impressions. */
async function trained(): Promise<Learner> {
  const { learning } = createMemoryLearning({ sha256, now: () => NOW });
  const policy = { mode: "bandit", model_id: null, forced: false, estimates: null } as const;
  const learner = await learning.setPolicy(PROJECT, policy);
  const seen = Array.from({ length: 100 }, (_, n) => ({
    item: itemOf(n % 12),
    place: 1 + (n % 10),
    reward: n % 3 === 0 ? 1 : 0,
  }));
  return { ...learner, sums: addObservations(emptyLearnerSums(), seen) };
}

async function open(learners: () => Promise<Learner[]>, logShare: number) {
  const feed = createLearnerFeed({
    learning: { learners },
    rankers: { scorerOf: async () => undefined, close: async () => {} },
    kit: { metrics: createMetrics("test") },
    logger: createLogger({ service: "test", level: "silent" }),
    logShare,
  });
  onTestFinished(() => feed.close());
  await feed.start();
  return feed;
}
const ids = Array.from({ length: 4_000 }, (_, n) => `request-${n}`);
const logged = (learned: Learned) =>
  ids.filter((id) => learned.rankingFor(id).posterior !== undefined);

describe("the share of lists that are logged", () => {
  it.each([0, 0.3, 1])("is %d, and each has the learned weights", async (share) => {
    const learner = await trained();
    const learned = (await (
      await open(async () => [learner], share)
    ).learnedFor(PROJECT, undefined)) as Learned;
    const found = logged(learned).length / ids.length;
    expect(Math.abs(found - share)).toBeLessThanOrEqual(share === 0.3 ? 0.03 : 0);
    expect(logged(learned)).toEqual(logged(learned));
    const shifts = ids.slice(0, 20).map((id) => learned.rankingFor(id).shift);
    expect(Object.keys(shifts[0] ?? {})).not.toHaveLength(0);
    for (const shift of shifts) expect(shift).toEqual(shifts[0]);
  });

  it("leaves propensities as they were: what is logged was drawn by them", async () => {
    const learner = await trained();
    const feed = await open(async () => [learner], 0.3);
    const learned = (await feed.learnedFor(PROJECT, undefined)) as Learned;
    const list = Array.from({ length: 10 }, (_, n) => itemOf(n));
    const next = Array.from({ length: 8 }, (_, n) => itemOf(n + 10));
    const wanted = new Map<string, number>();
    const counts = new Map<string, number>();
    const add = (to: Map<string, number>, name: string, by: number) =>
      to.set(name, (to.get(name) ?? 0) + by);
    for (const id of logged(learned)) {
      const { posterior, seed } = learned.rankingFor(id);
      for (const { actions, chosen } of exploreList(list, next, posterior!, seed)) {
        const nameOf = (at: number) => (at === 0 ? "own" : actions[at]!.item_id);
        add(counts, nameOf(chosen), 1);
        actions.forEach(({ propensity }, at) => add(wanted, nameOf(at), propensity));
      }
    }
    expect(wanted.size).toBe(9);
    for (const [name, expected] of wanted) {
      expect(Math.abs((counts.get(name) ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });
});

describe("what was learned", () => {
  it("of two writes in one millisecond is that of the later one", async () => {
    const learner = await trained();
    const more = addObservations(learner.sums, [{ item: itemOf(3), place: 1, reward: 1 }]);
    const reads = [learner, { ...learner, sums: more }];
    const feed = await open(async () => [reads.shift() ?? learner], 1);
    const shiftOf = async () =>
      ((await feed.learnedFor(PROJECT, true)) as Learned).rankingFor("r").shift;
    const before = await shiftOf();
    await feed.start();
    expect(await shiftOf()).not.toEqual(before);
  });

  it("goes on while the store is down, which is told", async () => {
    const learner = await trained();
    let isDown = true;
    const feed = await open(async () => {
      if (isDown) throw new UnavailableError("postgres", "refused");
      return [learner];
    }, 1);
    expect(feed.degraded()).toBe(true);
    expect(await feed.learnedFor(PROJECT, undefined)).toBeUndefined();
    isDown = false;
    await feed.start();
    expect(feed.degraded()).toBe(false);
    isDown = true;
    await feed.start();
    expect(feed.degraded()).toBe(true);
    expect(await feed.learnedFor(PROJECT, undefined)).toMatchObject({ mode: "bandit" });
  });

  it("by a ranker that cannot be loaded is unavailable", async () => {
    const { policy, ...rest } = await trained();
    const feed = await open(
      async () => [{ ...rest, policy: { ...policy, mode: "ltr", model_id: 7 } }],
      1,
    );
    expect(await feed.learnedFor(PROJECT, undefined)).toBe("unavailable");
    expect(await feed.learnedFor(PROJECT, false)).toBeUndefined();
    expect(await feed.learnedFor(PROJECT, true)).toMatchObject({ mode: "bandit" });
  });
});
