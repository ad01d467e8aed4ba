import { findString, stringCount } from "@signalpath/contracts";

import { ModelError } from "../errors.ts";
import { fadedCandidate } from "../interactions/fade.ts";
import { fit, recommendBy, type Candidate, type FitOptions } from "./fit.ts";
import { roundMeasure, scoreLists } from "./judge-lists.ts";
import { createRandom } from "./random.ts";
import { evenlySpread, type Parts, type SplitFacts } from "./split.ts";
import { takeEntries } from "./take-entries.ts";
import type { Tune } from "./trials.ts";

/** A rung keeps the best third. */
const ETA = 3;
/** Below so many entries all people are asked at once; a rung of fewer would only add noise. */
const ENTRIES_PER_RUNG = 20_000;
const MAX_RUNGS = 3;
/** People a trial is judged by at most. */
const MAX_TESTS = 1_000;
/** Of a fit that cannot be made others may be tried. */
const SKIPPED = new Set(["MODEL_TOO_LARGE", "NOT_POSITIVE_DEFINITE"]);

/** Mean ndcg@20 on the validation parts by `<rung>/<trial>`; null: it could not be fitted. */
export type Scores = Record<string, number | null>;

export interface SearchReport {
  /** Trials that were scored on all people of every validation part. */
  trials: { kind: string; parameters: Readonly<Record<string, unknown>>; "ndcg@20": number }[];
  asked: number;
  /** Fits that could not be made, as too large ones. */
  failed: number;
  /** `seconds` ran out before all were tried. */
  cut_short: boolean;
  /** Validation parts that scores of the last rung are means of. */
  folds: number;
  /** Of the first of them. */
  validation: SplitFacts;
}

export interface SearchHooks {
  /** Share of the fits that are done, and all scores so far. */
  onScore: (fraction: number, scores: Scores) => void;
  log: (level: "info" | "warn", message: string) => void;
  /** Milliseconds of any clock. */
  now: () => number;
}

/** A part to fit on and the people to ask about. */
type Asked = Pick<Parts, "train" | "tests">;

interface Scored {
  trial: number;
  candidate: Candidate;
  score: number;
}

/**
 * The best candidate by mean ndcg@20 on the validation part: successive halving (Jamieson and
 * Talwalkar, AISTATS 2016) over shares of the people, the best third going on; the last rung asks
 * every part and takes the mean. Where rows have times, the winner is tried once more with weights
 * that fade. Equal ones: the earlier wins.
 * @param validation one part, or several of which the first alone judges all rungs but the last.
 * @param known scores of an earlier attempt; they are not computed again.
 * @throws ModelError when nothing could be fitted.
 */
export async function search(
  candidates: readonly Candidate[],
  validation: Parts | readonly [Parts, ...Parts[]],
  options: FitOptions & { tune: Tune | null; known: Scores },
  hooks: SearchHooks,
): Promise<{ best: Candidate; report: SearchReport }> {
  const folds = "train" in validation ? [validation] : validation;
  const parts = "train" in validation ? validation : validation[0];
  const endsAt = hooks.now() + (options.tune?.seconds ?? Number.POSITIVE_INFINITY) * 1_000;
  const scores: Scores = { ...options.known };
  const shares = sharesOf(parts.train.matrix.indices.length);
  const fits = countFits(candidates.length, shares.length);
  let done = 0;
  let cutShort = false;
  let failure: unknown;
  let failed = 0;
  const score = async (name: string, candidate: Candidate, asked: readonly Asked[]) => {
    const stored = Object.hasOwn(scores, name) ? scores[name] : undefined;
    const value = stored === undefined ? await scoreCandidate(candidate, asked) : stored;
    scores[name] = value;
    done += 1;
    if (value === null) failed += 1;
    else hooks.log("info", `trial ${name}: ${candidate.kind}, ndcg@20 ${value}`);
    hooks.onScore(Math.min(1, done / fits), scores);
    return value;
  };
  const scoreCandidate = async (candidate: Candidate, asked: readonly Asked[]) => {
    try {
      let sum = 0;
      for (const part of asked) {
        const fitted = await fit(candidate, part.train, options);
        sum += scoreLists(recommendBy(fitted), part.tests);
      }
      return roundMeasure(sum / asked.length);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === undefined || !SKIPPED.has(code)) throw error;
      failure = error;
      hooks.log("warn", `${candidate.kind} left out: ${message}`);
      return null;
    }
  };
  let left: Omit<Scored, "score">[] = candidates.map((candidate, trial) => ({ trial, candidate }));
  let scored: Scored[] = [];
  for (const [rung, share] of shares.entries()) {
    const isLast = rung === shares.length - 1;
    const asked = (isLast ? folds : [parts]).map((part) => partOf(part, share, options.seed));
    scored = [];
    for (const { trial, candidate } of left) {
      // Late is not empty-handed: one is always scored.
      if (scored.length > 0 && hooks.now() >= endsAt) {
        cutShort = true;
        break;
      }
      const value = await score(`${rung}/${trial}`, candidate, asked);
      if (value !== null) scored.push({ trial, candidate, score: value });
    }
    scored.sort((a, b) => b.score - a.score || a.trial - b.trial);
    left = isLast ? [] : scored.slice(0, cutShort ? 1 : Math.ceil(scored.length / ETA));
  }
  const [first] = scored;
  if (first === undefined) throw failure ?? new ModelError("NO_DATA", "nothing could be fitted");
  const timed = parts.train.times !== undefined;
  const tried = new Set(candidates.map((one) => JSON.stringify(one)));
  const winner = timed ? fadedCandidate(first.candidate) : undefined;
  const faded = tried.has(JSON.stringify(winner)) ? undefined : winner;
  if (faded !== undefined && hooks.now() < endsAt) {
    const asked = folds.map((part) => partOf(part, 1, options.seed));
    const value = await score("fade", faded, asked);
    if (value !== null) scored.push({ trial: candidates.length, candidate: faded, score: value });
  }
  const [best] = scored.toSorted((a, b) => b.score - a.score || a.trial - b.trial);
  const trials = scored.map(({ candidate, score: value }) => ({ ...candidate, "ndcg@20": value }));
  const report: SearchReport = {
    trials,
    asked: candidates.length,
    failed,
    cut_short: cutShort,
    folds: folds.length,
    validation: parts.facts,
  };
  return { best: best!.candidate, report };
}

/** Shares of the people, rung by rung: 1 at the last, a third of it before. */
export function sharesOf(entries: number): number[] {
  const shares = [1];
  while (shares.length < MAX_RUNGS && entries * (shares[0]! / ETA) >= ENTRIES_PER_RUNG) {
    shares.unshift(shares[0]! / ETA);
  }
  return shares;
}

function countFits(trials: number, rungs: number): number {
  let count = 1;
  for (let rung = 0, left = trials; rung < rungs; rung++, left = Math.ceil(left / ETA)) {
    count += left;
  }
  return count;
}

/** A seeded share of the people, and of them at most 1,000 to ask about. */
function partOf({ train, tests }: Parts, share: number, seed: number): Asked {
  const asked = evenlySpread(tests, MAX_TESTS);
  if (share === 1) return { train, tests: asked };
  const random = createRandom(seed, "people");
  const kept = Uint8Array.from({ length: stringCount(train.users) }, () =>
    random() < share ? 1 : 0,
  );
  const part = {
    train: takeEntries(train, (_, user) => kept[user] === 1),
    tests: asked.filter(({ user }) => kept[findString(train.users, user)] === 1),
  };
  return part.tests.length === 0 ? { train, tests: asked } : part;
}
