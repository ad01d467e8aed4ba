import {
  fadedCandidate,
  judgeLists,
  ModelError,
  roundMeasure,
  scoreLists,
  type Judgement,
} from "@signalpath/models";
import type { TrainingRow } from "@signalpath/ports";

import { usageError } from "../exit-codes.ts";
import { fit, kindOf, type Candidate, type Fitted, type FitOptions } from "./fit.ts";
import { partOf, type Part } from "./part.ts";
import { createRandom } from "./random.ts";
import { splitRows, type SplitName } from "./split.ts";
import { trialsOf } from "./trials.ts";

export interface EvaluateOptions extends FitOptions {
  kinds: readonly string[];
  split: SplitName;
  /** Candidates a kind on the validation part; 0 = its defaults, nothing is searched. */
  trials: number;
  /** Every row counts 1. */
  flat: boolean;
  /** Milliseconds of any clock. */
  now: () => number;
  onStep: (done: number, of: number, what: string) => void;
}

/** What one kind did on the test part. */
export interface KindReport extends Omit<Judgement, "each"> {
  kind: string;
  parameters: Record<string, unknown>;
  /** Best ndcg@20 on validation, where a search was made. */
  validation?: { "ndcg@20": number; trials: number; failed: number };
  train_seconds: number;
  score_ms_per_user: number;
}

export interface EvaluationReport {
  rows: number;
  users: number;
  items: number;
  split: {
    name: SplitName;
    train_rows: number;
    test_rows: number;
    test_users: number;
    cold_users: number;
  };
  seed: number;
  weights: "file" | "flat";
  kinds: KindReport[];
}

/**
 * Every kind on one split, full ranking over the items of the training part. Parameters are searched
 * on a split of the training part alone; the test part is asked once, by what won there.
 * @throws CliError, ModelError; the reason of `signal` when it is aborted.
 */
export async function evaluate(
  rows: readonly TrainingRow[],
  options: EvaluateOptions,
): Promise<EvaluationReport> {
  const { split: name, seed, kinds, trials, flat } = options;
  for (const kind of kinds) kindOf(kind);
  const outer = splitRows(rows, name, seed);
  const part = asked(partOf(outer, flat), name);
  const inner =
    trials > 0 ? asked(partOf(splitRows(outer.train, name, seed), flat), name) : undefined;
  const steps = kinds.length * (1 + trials);
  const reports: KindReport[] = [];
  for (const [at, kind] of kinds.entries()) {
    const begin = at * (1 + trials);
    const onStep = (step: number, what: string) => options.onStep(begin + step, steps, what);
    const found = inner === undefined ? undefined : await search(kind, inner, options, onStep);
    onStep(trials, kind);
    const candidate = found?.best ?? { kind, parameters: {} };
    reports.push({ ...(await judge(candidate, part, options)), ...found?.report });
    onStep(trials + 1, kind);
  }
  return {
    rows: rows.length,
    users: new Set(rows.map(({ user_id }) => user_id)).size,
    items: new Set(rows.map(({ item_id }) => item_id)).size,
    split: {
      name,
      train_rows: outer.train.length,
      test_rows: outer.test.length,
      test_users: part.tests.length,
      cold_users: part.coldUsers,
    },
    seed,
    weights: flat ? "flat" : "file",
    kinds: reports,
  };
}

/** @throws CliError when there is nobody to ask, so that every number would be 0. */
function asked(part: Part, name: SplitName): Part {
  if (part.tests.length > 0) return part;
  throw usageError(`split ${name} leaves nobody rows on both sides: try another, or more data`);
}

/** The best of the candidates by ndcg@20 on validation; equal ones: the earlier. */
async function search(
  kind: string,
  part: Part,
  options: EvaluateOptions,
  onStep: (step: number, what: string) => void,
): Promise<{ best: Candidate; report: Pick<KindReport, "validation"> }> {
  const timed = part.train.times !== undefined;
  const candidates = trialsOf(kind, { ...options, timed });
  let best: { candidate: Candidate; score: number } | undefined;
  let failure: unknown;
  const counts = { trials: 0, failed: 0 };
  const attempt = async (candidate: Candidate): Promise<void> => {
    counts.trials += 1;
    let fitted: Fitted;
    try {
      fitted = await fit(candidate, part.train, options);
    } catch (error) {
      // One that cannot be fitted is no reason to stop; that none can is.
      if (!(error instanceof ModelError)) throw error;
      failure = error;
      counts.failed += 1;
      return;
    }
    const score = scoreLists(fitted.recommend, part.tests);
    if (best === undefined || score > best.score) best = { candidate, score };
  };
  const found = () => {
    if (best === undefined) throw failure;
    return best;
  };
  for (const [at, candidate] of candidates.entries()) {
    onStep(at, `${kind} ${at + 1}/${candidates.length}`);
    await attempt(candidate);
  }
  const faded = fadedCandidate(found().candidate, part.train);
  if (faded !== undefined) await attempt(faded);
  const { candidate, score } = found();
  return { best: candidate, report: { validation: { "ndcg@20": score, ...counts } } };
}

async function judge(
  candidate: Candidate,
  part: Part,
  options: EvaluateOptions,
): Promise<KindReport> {
  const startedAt = options.now();
  const { parameters, recommend } = await fit(candidate, part.train, options);
  const trainedAt = options.now();
  const random = createRandom(options.seed, "bootstrap");
  const { metrics, intervals, segments } = judgeLists(recommend, part, { random });
  const scoreMs = options.now() - trainedAt;
  return {
    kind: candidate.kind,
    parameters,
    metrics,
    intervals,
    segments,
    train_seconds: roundMeasure((trainedAt - startedAt) / 1_000),
    score_ms_per_user: roundMeasure(scoreMs / Math.max(1, part.tests.length)),
  };
}
