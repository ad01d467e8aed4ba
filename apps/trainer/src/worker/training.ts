import { createHash } from "node:crypto";

import type { ModelTensor } from "@signalpath/contracts";
import {
  compare,
  compareLive,
  createRandom,
  divide,
  evenlySpread,
  fit,
  judgeLists,
  recommendBy,
  search,
  trialsOf,
  type Candidate,
  type Comparison,
  type Fitted,
  type Interactions,
  type Judgement,
  type LiveComparison,
  type Parts,
  type Scores,
  type SearchReport,
} from "@signalpath/models";

import { TrainingError } from "../errors.ts";
import { bytesOf, digestOf } from "./collect.ts";
import type { Checkpoint, EvaluationReport, Outcome, TrainingJob } from "./messages.ts";

export interface TrainingHooks {
  /** Stage and the share of the stage that is done. */
  progress: (stage: Stage, fraction: number, checkpoint?: Checkpoint) => void;
  log: (level: "info" | "warn", message: string) => void;
  now: () => number;
}

export type Stage = "tuning" | "evaluating" | "fitting";

const BASELINES = ["popular", "item-knn"] as const;
/** People a final evaluation asks about at most, evenly spread. */
const MAX_TESTS = 5_000;

/**
 * The whole of a training: split, search on a validation part of the training part, evaluation on
 * what was held out, then a fit on everything. Nothing that is held out is seen before it is asked
 * for. Data and job decide every bit of the outcome, unless the search runs out of its seconds.
 * @throws TrainingError, ModelError.
 */
export async function train(
  interactions: Interactions,
  job: Omit<TrainingJob, "signing" | "maxRows">,
  hooks: TrainingHooks,
): Promise<{ outcome: Outcome; fitted: Fitted }> {
  const { spec } = job;
  if (interactions.matrix.indices.length === 0) {
    throw new TrainingError("NO_DATA", "there is no positive interaction to train on");
  }
  const digest = digestOf(interactions);
  const parts = spec.split === "none" ? undefined : divide(interactions, spec.split, spec.seed);
  tellSplit(parts, hooks);
  const chosen = await choose(parts?.train ?? interactions, digest, job, hooks);
  const report =
    parts === undefined || parts.tests.length === 0
      ? undefined
      : await judge(chosen.candidate, parts, job, hooks);
  const fitted = await fit(chosen.candidate, interactions, {
    ...fitOptions(job),
    onFraction: (fraction) => hooks.progress("fitting", fraction),
  });
  const { metrics, evaluation, live } = report ?? {};
  const { users, items, times } = interactions;
  const span = times === undefined ? {} : spanOf(times);
  const outcome: Outcome = {
    kind: fitted.kind.name,
    parameters: fitted.parameters,
    metrics: metrics ?? {},
    ...(evaluation === undefined ? {} : { evaluation }),
    ...(chosen.report === undefined ? {} : { search: chosen.report }),
    ...(live === undefined ? {} : { live }),
    rows: interactions.rows,
    users: users.offsets.length - 1,
    items: items.offsets.length - 1,
    digest,
    tensorsSha256: tensorsDigest(fitted.kind.encode(fitted.model).tensors),
    ...span,
  };
  return { outcome, fitted };
}

function fitOptions({ spec, threads, memoryLimitBytes }: Omit<TrainingJob, "signing" | "maxRows">) {
  return { seed: spec.seed, threads, memoryLimitBytes };
}

function tellSplit(parts: Parts | undefined, hooks: TrainingHooks): void {
  if (parts === undefined) return;
  const { facts } = parts;
  if (facts.because !== undefined) {
    hooks.log("warn", `split ${facts.used} instead of ${facts.asked}: ${facts.because}`);
  }
  hooks.log(
    "info",
    `${facts.train_entries} entries to fit on, ${facts.test_entries} held out, ` +
      `${facts.test_users} people to ask about, ${facts.cold_users} unknown before`,
  );
}

async function choose(
  seen: Interactions,
  digest: string,
  job: Omit<TrainingJob, "signing" | "maxRows">,
  hooks: TrainingHooks,
): Promise<{ candidate: Candidate; report?: SearchReport }> {
  const { spec } = job;
  const { kind, parameters } = spec;
  if (kind !== "auto" && spec.tune === null) return { candidate: { kind, parameters } };
  const trials = trialsOf(spec, { timed: seen.times !== undefined });
  const validation = divide(seen, spec.split === "none" ? "time" : spec.split, spec.seed + 1);
  if (validation.tests.length === 0) {
    throw new TrainingError("TOO_LITTLE_DATA", "nobody has enough entries to choose a model by");
  }
  const known = knownScores(job.checkpoint, digest);
  const count = Object.keys(known).length;
  if (count > 0) hooks.log("info", `${count} scores of an earlier attempt are taken over`);
  const { best, report } = await search(
    trials,
    validation,
    { ...fitOptions(job), tune: spec.tune, known },
    {
      ...hooks,
      onScore: (fraction, scores) => hooks.progress("tuning", fraction, { digest, scores }),
    },
  );
  hooks.log("info", `chosen of ${trials.length}: ${best.kind}`);
  return { candidate: best, report };
}

/** Scores of a checkpoint that is of this data. */
function knownScores(checkpoint: unknown, digest: string): Scores {
  const found = checkpoint as Partial<Checkpoint> | null | undefined;
  return found?.digest === digest && found.scores !== undefined ? found.scores : {};
}

async function judge(
  candidate: Candidate,
  { train: seen, tests: all, facts }: Parts,
  job: Omit<TrainingJob, "signing" | "maxRows">,
  hooks: TrainingHooks,
): Promise<{
  metrics: Judgement["metrics"];
  evaluation: EvaluationReport;
  live?: LiveComparison;
}> {
  const tests = evenlySpread(all, MAX_TESTS);
  const random = createRandom(job.spec.seed, "bootstrap");
  const fitted = await fit(candidate, seen, {
    ...fitOptions(job),
    onFraction: (fraction) => hooks.progress("evaluating", fraction / 2),
  });
  const part = { train: seen, tests };
  const recommend = recommendBy(fitted);
  const onFraction = (fraction: number) => hooks.progress("evaluating", 0.5 + fraction / 4);
  const own = judgeLists(recommend, part, { random, onFraction });
  const baselines: Record<string, Comparison> = {};
  for (const kind of BASELINES) {
    const rival = await fit({ kind, parameters: {} }, seen, fitOptions(job));
    baselines[kind] = compare(own.each, recommendBy(rival), tests, random);
  }
  hooks.progress("evaluating", 1);
  const live =
    job.live === undefined
      ? undefined
      : compareLive(recommend, job.live, part, createRandom(job.spec.seed, "live"), hooks.log);
  const { metrics, each: _, ...measured } = own;
  return {
    metrics,
    evaluation: { split: facts, ...measured, baselines },
    ...(live === undefined ? {} : { live }),
  };
}

function spanOf(times: Float64Array): { dataFrom: number; dataTo: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  return { dataFrom: from, dataTo: to };
}

function tensorsDigest(tensors: ReadonlyMap<string, ModelTensor>): string {
  const hash = createHash("sha256");
  for (const [name, { shape, data }] of tensors) {
    hash.update(`${name}[${shape.join()}]`).update(bytesOf(data));
  }
  return hash.digest("hex");
}
