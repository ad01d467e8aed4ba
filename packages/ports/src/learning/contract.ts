import {
  emptyLearnerSums,
  NO_OUTCOME,
  observationsOf,
  addObservations,
  reactionBits,
  SCORERS,
  type LearnerItem,
  type ListDecision,
} from "@signalpath/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { iso, keyOf, NOON } from "../archive/contract-parts.ts";
import type { Archive } from "../archive/port.ts";
import type { ManualClock } from "../clock/memory.ts";
import type { DecisionGiven, Learning, OutcomeGiven } from "./port.ts";

/** Empty keepers over one store, made anew for each test. */
export type MakeLearning = () => Promise<{
  learning: Learning;
  archive: Archive;
  clock: ManualClock;
}>;

const PROJECT = 1;
const item = (id: string, score: number): LearnerItem => ({
  item_id: id,
  static_score: score,
  values: SCORERS.map((_, at) => (at === 0 ? score : 0.25)),
});
const DECISION: ListDecision = {
  items: [item("a", 0.75), item("b", 0.5)],
  slots: [
    {
      place: 2,
      chosen: 0,
      actions: [
        { ...item("b", 0.5), propensity: 0.5 },
        { ...item("c", 0.25), propensity: 0.5 },
      ],
    },
  ],
};

function decided(changes: Partial<DecisionGiven> = {}): DecisionGiven {
  const request_id = changes.request_id ?? "r1";
  const base = { request_id, unit: "u1", occurred_at: iso(NOON), event_id: request_id };
  return { ...base, mode: "bandit", decision: DECISION, ...changes };
}

function happened(item_id: string, changes: Partial<OutcomeGiven> = {}): OutcomeGiven {
  const event_id = `o-${changes.request_id ?? "r1"}-${item_id}-${JSON.stringify(changes.outcome)}`;
  const base = { request_id: "r1", unit: "u1", item_id, occurred_at: iso(NOON), event_id };
  return { ...base, outcome: SHOWN, ...changes };
}
const SHOWN = { shown: true, reactions: 0 };
const LIKED = { ...NO_OUTCOME, reactions: reactionBits("like") };

/** Every promise of `Learning`. @param numRuns orders in which the same history is told. */
export function learningContract(make: MakeLearning, numRuns = 3): void {
  describe("Learning", () => {
    test("joins list and outcomes by request id, each impression once", async () => {
      const { learning } = await make();
      expect(await learning.recordDecisions(PROJECT, [decided()])).toMatchObject({ recorded: 1 });
      const first = await learning.recordOutcomes(PROJECT, [happened("a"), happened("b")]);
      expect(first).toEqual({ recorded: 2, observed: 2, erased: [] });
      const again = await learning.recordOutcomes(PROJECT, [happened("a")]);
      expect(again).toEqual({ recorded: 0, observed: 0, erased: [] });
      await learning.recordOutcomes(PROJECT, [happened("a", { outcome: LIKED })]);
      const learner = await learning.learner(PROJECT);
      expect(learner).toMatchObject({ decisions: 1, sums: { n: 2 } });
      expect(learner?.sums.rewards).toBeCloseTo(0.6, 9);
      const [kept, ...others] = await learning.kept(PROJECT, 10);
      expect(others).toEqual([]);
      expect(kept).toMatchObject({ request_id: "r1", mode: "bandit", occurred_at: iso(NOON) });
      expect(kept?.user_key).toBe(keyOf("u1"));
      expect(kept?.decision).toEqual(DECISION);
      expect(kept?.outcomes).toEqual({
        a: { shown: true, reactions: reactionBits("like") },
        b: SHOWN,
      });
    });

    test("what was not shown, or stood in no known list, is not observed", async () => {
      const { learning } = await make();
      await learning.recordDecisions(PROJECT, [decided()]);
      const strange = [
        happened("a", { outcome: LIKED }),
        happened("z"),
        happened("a", { request_id: "other" }),
      ];
      expect(await learning.recordOutcomes(PROJECT, strange)).toMatchObject({ observed: 0 });
      expect((await learning.learner(PROJECT))?.sums.n).toBe(0);
      expect(await learning.kept(PROJECT, 10)).toHaveLength(1);
    });

    test("what others say of a list is not joined to it, before or after it is known", async () => {
      const { learning } = await make();
      await learning.enable(PROJECT);
      const forged = (["a", "b"] as const).flatMap((id) => [
        happened(id, { unit: "thief" }),
        happened(id, { unit: "thief", outcome: LIKED }),
      ]);
      await learning.recordOutcomes(PROJECT, forged);
      await learning.recordOutcomes(PROJECT, [happened("a")]);
      expect(await learning.recordDecisions(PROJECT, [decided()])).toMatchObject({ observed: 1 });
      expect(await learning.recordOutcomes(PROJECT, forged)).toMatchObject({
        recorded: 0,
        observed: 0,
      });
      // The first decision stands: a request id is not given away by a second one.
      const stolen = decided({ unit: "thief" });
      expect(await learning.recordDecisions(PROJECT, [stolen])).toMatchObject({ recorded: 0 });
      expect(await learning.recordOutcomes(2, [happened("a")])).toMatchObject({ recorded: 0 });
      expect(await learning.learner(PROJECT)).toMatchObject({
        decisions: 1,
        sums: { n: 1, rewards: 0 },
      });
      expect((await learning.kept(PROJECT, 10)).map(({ outcomes }) => outcomes)).toEqual([
        { a: SHOWN },
      ]);
    });

    test("two thousand reactions to one list are at most one reward an item", async () => {
      const { learning } = await make();
      await learning.recordDecisions(PROJECT, [decided()]);
      await learning.recordOutcomes(PROJECT, [happened("a"), happened("b")]);
      const flood = Array.from({ length: 2_000 }, (_, n) =>
        happened(n % 2 === 0 ? "a" : `x${n}`, { event_id: `flood-${n}`, outcome: LIKED }),
      );
      for (let from = 0; from < flood.length; from += 500) {
        await learning.recordOutcomes(PROJECT, flood.slice(from, from + 500));
      }
      const { sums } = (await learning.learner(PROJECT))!;
      expect({ n: sums.n, rewards: Number(sums.rewards.toFixed(9)) }).toEqual({
        n: 2,
        rewards: 0.6,
      });
    });

    test("a project nobody learns for keeps nothing; one that is enabled keeps outcomes first", async () => {
      const { learning } = await make();
      expect(await learning.recordOutcomes(PROJECT, [happened("a")])).toMatchObject({
        recorded: 0,
      });
      expect(await learning.learner(PROJECT)).toBeUndefined();
      const enabled = await learning.enable(PROJECT);
      expect(enabled).toMatchObject({ project_id: PROJECT, policy: { mode: "static" } });
      expect(enabled.sums).toEqual(emptyLearnerSums());
      await learning.recordOutcomes(PROJECT, [happened("a")]);
      expect(await learning.recordDecisions(PROJECT, [decided()])).toMatchObject({ observed: 1 });
      expect((await learning.learners()).map(({ project_id }) => project_id)).toEqual([PROJECT]);
    });

    test("the sums are those of the lists, whatever the order and repetition", async () => {
      const told = [
        { decision: decided() },
        { decision: decided({ request_id: "r2", unit: "u2" }) },
        { outcome: happened("a") },
        { outcome: happened("b") },
        { outcome: happened("a", { outcome: LIKED }) },
        { outcome: happened("b", { request_id: "r2", unit: "u2" }) },
        { outcome: happened("a", { request_id: "r2", unit: "u1", outcome: LIKED }) },
        { outcome: happened("a", { request_id: "r2", unit: "u1" }) },
      ];
      const places = fc.array(fc.nat(told.length - 1), { maxLength: 8 });
      const order = fc.shuffledSubarray([...told.keys()], { minLength: told.length });
      await fc.assert(
        fc.asyncProperty(order, places, async (all, more) => {
          const { learning } = await make();
          await learning.enable(PROJECT);
          for (const at of [...all, ...more]) {
            const { decision, outcome } = told[at]!;
            if (decision) await learning.recordDecisions(PROJECT, [decision]);
            if (outcome) await learning.recordOutcomes(PROJECT, [outcome]);
          }
          const { sums, decisions } = (await learning.learner(PROJECT))!;
          const lists = await learning.kept(PROJECT, 10);
          const wanted = addObservations(emptyLearnerSums(), lists.flatMap(observationsOf));
          expect({ n: sums.n, decisions }).toEqual({ n: 3, decisions: 2 });
          expect(sums.rewards).toBeCloseTo(0.6, 9);
          for (const name of ["gram", "moment"] as const) {
            sums[name].forEach((value, at) => expect(value).toBeCloseTo(wanted[name][at]!, 9));
          }
        }),
        { numRuns },
      );
    });

    test("two batches at once lose nothing", async () => {
      const { learning } = await make();
      const ids = Array.from({ length: 12 }, (_, at) => `r${at}`);
      await Promise.all([
        ...ids.map((request_id) => learning.recordDecisions(PROJECT, [decided({ request_id })])),
        learning.enable(PROJECT),
      ]);
      await Promise.all(
        ids.map((request_id) => learning.recordOutcomes(PROJECT, [happened("a", { request_id })])),
      );
      expect(await learning.learner(PROJECT)).toMatchObject({ decisions: 12, sums: { n: 12 } });
    });

    test("a policy stands beside what was learned", async () => {
      const { learning, clock } = await make();
      await learning.recordDecisions(PROJECT, [decided()]);
      const policy = { mode: "ltr", model_id: 7, forced: true, estimates: null } as const;
      const changed = await learning.setPolicy(PROJECT, policy);
      expect(changed.policy).toEqual({ ...policy, changed_at: iso(clock.now()) });
      expect(await learning.learner(PROJECT)).toEqual(changed);
      expect(changed.decisions).toBe(1);
      expect(
        await learning.setPolicy(2, { ...policy, mode: "static", model_id: null }),
      ).toMatchObject({ project_id: 2, decisions: 0 });
    });

    test("old lists go, what was learned of them stays", async () => {
      const { learning } = await make();
      await learning.recordDecisions(PROJECT, [
        decided(),
        decided({ request_id: "r2", occurred_at: iso(NOON + 1_000) }),
      ]);
      await learning.recordOutcomes(PROJECT, [happened("a")]);
      expect((await learning.kept(PROJECT, 1)).map(({ request_id }) => request_id)).toEqual(["r2"]);
      expect(await learning.prune({ decided: NOON + 500, undecided: NOON - 1 })).toBe(1);
      expect((await learning.kept(PROJECT, 9)).map(({ request_id }) => request_id)).toEqual(["r2"]);
      expect((await learning.learner(PROJECT))?.sums.n).toBe(1);
    });

    test("what was said of lists that nobody decided goes sooner than lists do", async () => {
      const { learning } = await make();
      await learning.recordDecisions(PROJECT, [decided()]);
      const waiting = [
        happened("a", { request_id: "old" }),
        happened("a", { request_id: "new", occurred_at: iso(NOON + 1_000) }),
      ];
      await learning.recordOutcomes(PROJECT, waiting);
      const before = { decided: NOON - 1_000, undecided: NOON + 500 };
      expect(await learning.prune(before)).toBe(1);
      expect(await learning.prune(before)).toBe(0);
      const late = (["old", "new"] as const).map((request_id) => decided({ request_id }));
      // Of the one that went nothing is known any more.
      expect(await learning.recordDecisions(PROJECT, late)).toMatchObject({ observed: 1 });
      expect(await learning.kept(PROJECT, 9)).toHaveLength(3);
    });

    test("an erasure removes a person's lists and forbids that they come again", async () => {
      const { learning, archive, clock } = await make();
      await learning.recordDecisions(PROJECT, [
        decided(),
        decided({ request_id: "r2", unit: "u2" }),
      ]);
      await archive.erase(PROJECT, keyOf("u1"), Math.max(clock.now(), NOON + 1));
      expect((await learning.kept(PROJECT, 9)).map(({ request_id }) => request_id)).toEqual(["r2"]);
      expect(await learning.recordDecisions(PROJECT, [decided()])).toMatchObject({
        recorded: 0,
        erased: [0],
      });
      expect(await learning.recordOutcomes(PROJECT, [happened("a")])).toMatchObject({
        erased: [0],
      });
    });
  });
}
