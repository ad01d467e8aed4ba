import {
  buildInteractions,
  compareEach,
  createRandom,
  divide,
  fit,
  judgeLists,
  kindOf,
  recommendBy,
  roundMeasure,
  search,
  trialsOf,
  validationFolds,
  verdictOf,
  type Comparison,
  type FitOptions,
  type Interactions,
  type Judgement,
  type Parts,
  type SplitFacts,
  type SplitScheme,
} from "@signalpath/models";
import type { TrainingRow } from "@signalpath/ports";

import { usageError } from "../exit-codes.ts";
import { issueOf, type Entrant } from "./entrants.ts";

export interface EvaluateOptions extends FitOptions {
  entrants: readonly Entrant[];
  split: SplitScheme;
  /** Candidates of each entrant on the validation part; 0 = as it is given, nothing is searched. */
  trials: number;
  /** Validation parts that the last candidates are judged by; 1 or more. */
  folds: number;
  /** Every row counts 1. */
  flat: boolean;
  /** Milliseconds of any clock. */
  now: () => number;
  onStep: (done: number, of: number, what: string) => void;
}

type Folds = ReturnType<typeof validationFolds>;

/** What one entrant did on the test part. */
export interface KindReport extends Omit<Judgement, "each"> {
  /** The kind, with a number where it comes more than once. */
  name: string;
  kind: string;
  parameters: Readonly<Record<string, unknown>>;
  /** Best mean ndcg@20 over the folds, where a search was made; trials besides the one that fades. */
  validation?: { "ndcg@20": number; trials: number; failed: number; folds: number };
  train_seconds: number;
  score_ms_per_user: number;
}

/** ndcg@20 of the first minus that of the second, person by person. */
interface PairReport extends Pick<Comparison, "verdict"> {
  first: string;
  second: string;
  mean: number;
  interval: [low: number, high: number];
}

export interface EvaluationReport {
  rows: number;
  users: number;
  items: number;
  split: {
    name: SplitScheme;
    train_rows: number;
    test_rows: number;
    test_users: number;
    cold_users: number;
  };
  seed: number;
  weights: "file" | "flat";
  kinds: KindReport[];
  /** Every entrant against each that comes before it; `verdict` is that of the first. */
  differences: PairReport[];
}

/**
 * Every entrant on one split, full ranking over the items of the training part. Parameters are
 * searched on a split of the training part alone; the test part is asked once, by what won there.
 * @throws CliError, ModelError; the reason of `signal` when it is aborted.
 */
export async function evaluate(
  rows: readonly TrainingRow[],
  options: EvaluateOptions,
): Promise<EvaluationReport> {
  const { split: name, seed, entrants, trials, flat } = options;
  refuseUnknown(entrants);
  const all = interactionsOf(rows, options);
  const outer = partsOf(all, name, seed);
  const inner = trials > 0 ? foldsOf(outer.train, options) : undefined;
  const kinds: KindReport[] = [];
  const each: number[][] = [];
  for (const [at, entrant] of entrants.entries()) {
    const onFraction = (fraction: number) =>
      options.onStep(at + fraction, entrants.length, entrant.name);
    const { report, own } = await judge(entrant, { outer, inner, onFraction }, options);
    kinds.push(report);
    each.push(own);
    onFraction(1);
  }
  return {
    rows: rows.length,
    users: all.users.offsets.length - 1,
    items: all.items.offsets.length - 1,
    split: shownSplit(name, outer.facts),
    seed,
    weights: flat ? "flat" : "file",
    kinds,
    differences: differencesOf(kinds, each, seed),
  };
}

/** @throws CliError before anything is read or fitted. */
export function refuseUnknown(entrants: readonly Entrant[]): void {
  for (const entrant of entrants) {
    const issue = issueOf(entrant);
    if (issue !== undefined) throw usageError(issue);
  }
}

/**
 * Where any rows may be held out nobody is told their times: what fits itself to the newest ones (fading,
 * the weight of `blend`) would prepare for another question than the one that is asked.
 */
function interactionsOf(
  rows: readonly TrainingRow[],
  { flat, split }: Pick<EvaluateOptions, "flat" | "split">,
): Interactions {
  const weighed = flat ? rows.map((row) => ({ ...row, weight: 1 })) : rows;
  const { times, ...untimed } = buildInteractions(weighed);
  return times === undefined || split === "A" || split === "random"
    ? untimed
    : { ...untimed, times };
}

/** @throws CliError when another split would be used, or there is nobody to ask. */
function partsOf(interactions: Interactions, name: SplitScheme, seed: number): Parts {
  const parts = divide(interactions, name, seed);
  const { because } = parts.facts;
  if (because !== undefined && interactions.times === undefined) {
    throw usageError(`split ${name} needs a time in every row; A and random do not`);
  }
  if (parts.tests.length === 0) {
    throw usageError(`split ${name} leaves nobody rows on both sides: try another, or more data`);
  }
  if (because !== undefined) throw usageError(`split ${name}: ${because}; try another`);
  return parts;
}

/** @throws CliError as `partsOf` does. */
function foldsOf(train: Interactions, { split: scheme, seed, folds: count }: EvaluateOptions) {
  partsOf(train, scheme, seed + 1);
  return validationFolds(train, { scheme, seed: seed + 1, count });
}

function shownSplit(name: SplitScheme, facts: SplitFacts): EvaluationReport["split"] {
  const { train_entries: train_rows, test_entries: test_rows, test_users, cold_users } = facts;
  return { name, train_rows, test_rows, test_users, cold_users };
}

async function judge(
  { name, kind, parameters }: Entrant,
  {
    outer,
    inner,
    onFraction,
  }: { outer: Parts; inner: Folds | undefined; onFraction: (fraction: number) => void },
  options: EvaluateOptions,
): Promise<{ report: KindReport; own: number[] }> {
  const found = inner === undefined ? undefined : await choose({ kind, parameters }, inner);
  const startedAt = options.now();
  const fitted = await fit(found?.best ?? { kind, parameters }, outer.train, options);
  const trainedAt = options.now();
  const random = createRandom(options.seed, "bootstrap");
  const recommend = recommendBy(fitted);
  let scoredAt = trainedAt;
  const { each, ...judged } = judgeLists(recommend, outer, {
    random,
    onFraction: () => (scoredAt = options.now()),
  });
  const report: KindReport = {
    name,
    kind: kindOf(kind).name,
    parameters: fitted.parameters,
    ...judged,
    ...found?.report,
    train_seconds: roundMeasure((trainedAt - startedAt) / 1_000),
    score_ms_per_user: roundMeasure((scoredAt - trainedAt) / outer.tests.length),
  };
  return { report, own: each };

  async function choose(given: Pick<Entrant, "kind" | "parameters">, folds: Folds) {
    const tune = { trials: options.trials };
    const candidates = trialsOf(
      { ...given, tune, seed: options.seed },
      { timed: folds[0].train.times !== undefined },
    );
    const { best, report: searched } = await search(
      candidates,
      folds,
      { ...options, tune, known: {} },
      { onScore: (share) => onFraction(0.9 * share), log: () => {}, now: options.now },
    );
    const top = Math.max(...searched.trials.map((trial) => trial["ndcg@20"]));
    const { asked: trials, failed, folds: judgedBy } = searched;
    const validation = { "ndcg@20": top, trials, failed, folds: judgedBy };
    return { best, report: { validation } };
  }
}

function differencesOf(
  kinds: readonly KindReport[],
  each: readonly number[][],
  seed: number,
): PairReport[] {
  return kinds.flatMap(({ name: first }, at) =>
    kinds.slice(0, at).map(({ name: second }, before) => {
      const random = createRandom(seed, `pair ${first}/${second}`);
      const difference = compareEach(each[at]!, each[before]!, random);
      return { first, second, ...difference, verdict: verdictOf(difference) };
    }),
  );
}
