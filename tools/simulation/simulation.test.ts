import { afterAll, describe, expect, test } from "vitest";

import { findFault, stepsOf } from "./find.ts";
import { MUTANTS } from "./mutants.ts";
import { reportOf } from "./report.ts";
import { runSteps } from "./run.ts";
import { shrink } from "./shrink.ts";
import type { Turn } from "./turns.ts";

const SEED = 20_260_612;
const SCHEDULES = 5_000;
/** Each part is a test of its own, so that a slow machine stays inside the time of one. */
const PARTS = 10;

let ranMs = 0;
afterAll(() => {
  const perSecond = Math.round(SCHEDULES / (ranMs / 1_000));
  console.log(`simulation: seed ${SEED}, ${SCHEDULES} schedules, ${perSecond}/s`);
});

describe(`schedules of seed ${SEED}`, () => {
  const size = SCHEDULES / PARTS;
  test.each(Array.from({ length: PARTS }, (_, part) => part * size))(
    "nothing is wrong from %i on",
    async (from) => {
      const startedAt = performance.now();
      const found = await findFault(SEED, { from, to: from + size });
      ranMs += performance.now() - startedAt;
      if (found === undefined) return;
      const report = await reportOf(found.steps, found.verdict);
      const again = `pnpm simulate --seed ${SEED} --from ${found.n} --schedules 1`;
      expect.fail(`schedule ${found.n} (again: ${again})\n${report}`);
    },
  );
});

describe("the simulator notices when a rule is missing", () => {
  test.each(MUTANTS.map((mutation) => [mutation.name, mutation] as const))(
    "%s",
    async (_, mutation) => {
      const found = await findFault(SEED, { to: mutation.within ?? 200, mutation });
      expect(found, "no schedule found it").toBeDefined();
    },
  );
});

test("the same seed is the same run, call for call", async () => {
  const callsOf = async (n: number): Promise<string[]> => {
    const calls: string[] = [];
    let isHeard = false;
    await runSteps(stepsOf(SEED, n), undefined, (world) => {
      if (isHeard) return;
      isHeard = true;
      const turns = { ...world.turns };
      world.turns.go = (turn: Turn, fate) => {
        calls.push(`${turn.actor.name} ${turn.what} ${fate}`);
        return turns.go(turn, fate);
      };
    });
    return calls;
  };
  for (const n of [3, 14, 15]) {
    const calls = await callsOf(n);
    expect(calls.length).toBeGreaterThan(20);
    expect(await callsOf(n)).toEqual(calls);
  }
});

test("a failing schedule is cut to what matters and told step by step", async () => {
  const mutation = MUTANTS.find(({ name }) => name === "stored copies are not used");
  if (mutation === undefined) throw new Error("no such mutant");
  const found = await findFault(SEED, { to: 200, mutation });
  if (found === undefined) throw new Error("nothing found");
  const report = await reportOf(found.steps, found.verdict, mutation);
  // Two events of one id, and little else.
  expect(report).toMatch(/steps, [2-9] in the shortest form/);
  expect(report.match(/^ {2}publish /gm)?.length).toBeGreaterThanOrEqual(2);
  expect(report).toMatch(/put \[e\d+/);
  expect(report).toContain("than was stored");
});

test("shrinking leaves out whatever is not needed", async () => {
  const all = Array.from({ length: 60 }, (_, n) => n);
  const needs = async (some: readonly number[]) => [7, 8, 51].every((n) => some.includes(n));
  expect(await shrink(all, needs)).toEqual([7, 8, 51]);
});
