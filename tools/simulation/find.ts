import type { Mutation } from "./mutation.ts";
import { floodOf, planOf } from "./plan.ts";
import { seedOf } from "./random.ts";
import { runSteps, type Verdict } from "./run.ts";
import type { Step } from "./steps.ts";

/** One schedule in so many has a person with more events than a buffer keeps: it takes longer. */
const FLOOD_EVERY = 500;

/** The n-th schedule of a run. */
export function stepsOf(runSeed: number, n: number): Step[] {
  const seed = seedOf(runSeed, n);
  return n % FLOOD_EVERY === FLOOD_EVERY - 1 ? floodOf(seed) : planOf(seed);
}

export interface Found {
  /** Its number in the run, from 0. */
  n: number;
  steps: Step[];
  verdict: Verdict;
}

/** Runs the schedules `from` to `to` (excluded) of a run, up to the first that fails. */
export async function findFault(
  runSeed: number,
  { from = 0, to, mutation }: { from?: number; to: number; mutation?: Mutation },
): Promise<Found | undefined> {
  for (let n = from; n < to; n++) {
    const steps = mutation?.plan?.(seedOf(runSeed, n)) ?? stepsOf(runSeed, n);
    const verdict = await runSteps(steps, mutation);
    if (verdict.problems.length > 0) return { n, steps, verdict };
  }
  return undefined;
}
