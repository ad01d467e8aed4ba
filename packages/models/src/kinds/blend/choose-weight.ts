import { ndcg } from "@signalpath/domain";
import { topK } from "@signalpath/linalg";

import type { Input } from "../../kind/input.ts";
import { blendScores } from "./standardise.ts";

const STEPS = 10;
const CUT = 20;
/** Users that are enough to tell weights apart. */
const USERS = 2_000;

/**
 * The share of the first scorer, a tenth of 0..10, with the best mean ndcg@20 over the users that
 * have something held out (at most 2,000, evenly spread); of equal ones the smallest.
 */
export async function chooseWeight(
  train: { indptr: Uint32Array; indices: Uint32Array; values: Float32Array },
  held: readonly Uint32Array[],
  scorers: { first: (input: Input) => Float64Array; second: (input: Input) => Float64Array },
  pause: (fraction: number) => Promise<void>,
): Promise<number> {
  const users = held.flatMap((own, user) => (own.length > 0 ? [user] : []));
  const step = Math.max(1, users.length / USERS);
  const sums = new Float64Array(STEPS + 1);
  for (let at = 0; at < users.length; at += step) {
    const user = users[Math.floor(at)]!;
    const [begin, end] = [train.indptr[user]!, train.indptr[user + 1]!];
    const rows = train.indices.subarray(begin, end);
    const input = { rows, weights: train.values.subarray(begin, end), user };
    const first = scorers.first(input);
    const second = scorers.second(input);
    const seen = new Uint8Array(first.length);
    for (const row of rows) seen[row] = 1;
    const relevant = new Set(Array.from(held[user]!, String));
    for (let tenth = 0; tenth <= STEPS; tenth++) {
      const scores = blendScores(first, second, tenth / STEPS, rows);
      sums[tenth]! += ndcg(Array.from(topK(scores, CUT, seen), String), relevant, CUT);
    }
    await pause((at + 1) / users.length);
  }
  let best = 0;
  for (let tenth = 1; tenth <= STEPS; tenth++) if (sums[tenth]! > sums[best]!) best = tenth;
  return best / STEPS;
}
