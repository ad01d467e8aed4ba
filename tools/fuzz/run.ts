import fc from "fast-check";

import type { DoorName, FuzzCase } from "./case.ts";
import { checkCase, pairOf, type Pair } from "./check-case.ts";
import { CASES } from "./doors/doors.ts";
import { addAnswer, emptyTally, type Tally } from "./tally.ts";
import { openWorld, type Target } from "./world.ts";

/** Cases that share one pair of worlds; then fresh ones take over. */
const PER_PAIR = 1_000;
/** Consumers are waited for this often; in between they run behind. */
const SETTLE_EVERY = 64;

export interface Failure {
  /** Shrunk. */
  case: FuzzCase;
  flaws: readonly string[];
  /** Seed of the pair's cases. */
  seed: number;
}

export interface DoorRun {
  tally: Tally;
  failure: Failure | undefined;
}

export interface RunOptions {
  door: DoorName;
  runs: number;
  seed: number;
  open?: () => Promise<Target>;
  cases?: fc.Arbitrary<FuzzCase>;
}

/** Sends `runs` generated cases to a door and stops at the first broken promise, shrunk. */
export async function runDoor(options: RunOptions): Promise<DoorRun> {
  const { door, runs, seed, open = openWorld, cases = CASES[door] } = options;
  const tally = emptyTally();
  for (let from = 0; from < runs; from += PER_PAIR) {
    const pair = await pairOf(() => open());
    try {
      const round = { cases, seed: seed + from, numRuns: Math.min(PER_PAIR, runs - from) };
      const failure = await runRound(pair, round, tally);
      if (failure !== undefined) return { tally, failure };
    } finally {
      for (const world of pair.worlds) await world.close();
    }
  }
  return { tally, failure: undefined };
}

async function runRound(
  pair: Pair,
  { cases, seed, numRuns }: { cases: fc.Arbitrary<FuzzCase>; seed: number; numRuns: number },
  tally: Tally,
): Promise<Failure | undefined> {
  let count = 0;
  let failed: Failure | undefined;
  const property = fc.asyncProperty(cases, async (one) => {
    count++;
    const isShrinking = failed !== undefined;
    const settled = isShrinking || count % SETTLE_EVERY === 0 || count === numRuns;
    const { flaws, answer } = await checkCase(pair, one, settled);
    if (!isShrinking) addAnswer(tally, answer);
    if (flaws.length === 0) return true;
    // The last failure seen is the smallest.
    failed = { case: one, flaws, seed };
    return false;
  });
  await fc.check(property, { seed, numRuns, maxSkipsPerRun: 0, endOnFailure: false });
  return failed;
}
