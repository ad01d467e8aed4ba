import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import {
  compareEach,
  createRandom,
  fit,
  judgeLists,
  recommendBy,
  roundMeasure,
  verdictOf,
  type Comparison,
  type Judgement,
  type Parts,
  type Recommend,
} from "@signalpath/models";
import type { TrainingRow } from "@signalpath/ports";

import type { Io } from "../../../io.ts";
import type { Settings } from "../../../settings.ts";
import type { Entrant } from "../../entrants.ts";
import type { System } from "../open-system.ts";
import { listsOfEverybody } from "./lists-of-everybody.ts";
import { openTraining, type ServedVersion } from "./serve-model.ts";

/** All events of the training part have this long to be in everybody's model, milliseconds. */
const CATCH_UP_MS = 1_800_000;
/** Measures whose share of the trainer's best is told. */
const SHARED = ["ndcg@10", "ndcg@20", "recall@20"] as const;
const BEST = "trainer";
const FADING = { half_life_items: 5 };

interface TrainedOptions {
  entrant: Entrant;
  seed: number;
  threads: number;
  memoryLimitBytes: number;
  onStep: (done: number, of: number, what: string) => void;
}

interface ListReport extends Omit<Judgement, "each"> {
  /**
   * `pipeline`: `GET /api/recommend`. `model`: the same version through `/inference/predict`. Both
   * with the rows it was trained on. `trainer`: the same kind fitted on the split itself.
   */
  name: string;
  /** Of the trainer's value of each measure, percent. */
  share: Record<string, number>;
}

/** ndcg@20 of the first minus that of the second, person by person. */
interface ListDifference extends Pick<Comparison, "verdict"> {
  first: string;
  second: string;
  mean: number;
  interval: [low: number, high: number];
}

export interface TrainedReport {
  split: { train_rows: number; test_rows: number; test_users: number; cold_users: number };
  kind: string;
  parameters: Readonly<Record<string, unknown>>;
  /** Versions by the rows they were trained on: what ingest took in, or the training part as a file. */
  versions: { archive: ServedVersion; file: ServedVersion };
  /** People whose model did not show all of their events in time. */
  late: number;
  /** Sending the training part, and waiting for all models after it. */
  ingest_seconds: number;
  settle_seconds: number;
  lists: ListReport[];
  /** Each of the pipeline's lists against every other. */
  differences: ListDifference[];
}

interface Judged {
  report: ListReport;
  each: number[];
}

/**
 * Takes the training part in, trains on what was taken in and once more on the same rows as a file,
 * and judges what everybody is shown with either, beside plain lists and the same kind fitted on the
 * split, all by the same judge.
 * @param rows the training part, in the order of time.
 * @throws CliError, ModelError.
 */
export async function evaluateTrained(
  io: Io,
  own: { system: System; settings: Settings; dataDir: string },
  { rows, parts }: { rows: readonly TrainingRow[]; parts: Parts },
  options: TrainedOptions,
): Promise<TrainedReport> {
  const { entrant, seed, onStep } = options;
  const judged: Judged[] = [];
  const judge = (name: string, recommend: Recommend) => {
    const random = createRandom(seed, "bootstrap");
    const { each, ...report } = judgeLists(recommend, parts, { random });
    judged.push({ report: { name, share: {}, ...report }, each });
    onStep(1, 1, `${name}: ndcg@20 ${report.metrics["ndcg@20"]}`);
  };
  for (const [name, candidate] of rivalsOf(entrant)) {
    onStep(0, 1, `${name} is fitted`);
    judge(name, recommendBy(await fit(candidate, parts.train, { ...options, signal: io.signal })));
  }
  const taken = await takeIn(io, own.system, rows, parts, onStep);
  const anybody = parts.tests[0]!.user;
  const training = openTraining(io, own, { entrant, seed, anybody });
  const owned = itemsByUser(rows);
  const ownOf = (user: string): ReadonlySet<string> => owned.get(user) ?? new Set();
  const shown = async (rowsOf: string, served: ServedVersion): Promise<ServedVersion> => {
    const what = `lists, trained on the ${rowsOf}`;
    const wish = { served, tests: parts.tests, ownOf };
    const lists = await listsOfEverybody(io, own, wish, (share) => onStep(share, 1, what));
    judge(`pipeline, ${rowsOf}`, (user) => lists.pipeline.get(user) ?? []);
    judge(`model, ${rowsOf}`, (user) => lists.model.get(user) ?? []);
    return served;
  };
  onStep(0, 1, "trains on the archive");
  const archive = await shown("archive", await training.onArchive());
  onStep(0, 1, "trains on the file");
  const path = join(own.dataDir, "training-part.jsonl");
  await writeFile(path, rows.map(lineOf).join(""));
  const file = await shown("file", await training.onFile(path));
  const { train_entries: train_rows, test_entries: test_rows } = parts.facts;
  const { test_users, cold_users } = parts.facts;
  return {
    split: { train_rows, test_rows, test_users, cold_users },
    kind: entrant.kind,
    parameters: entrant.parameters,
    versions: { archive, file },
    ...taken,
    lists: withShares(judged.map(({ report }) => report)),
    differences: differencesOf(judged, seed),
  };
}

/** Those fitted on the split itself; fading has gained item-knn more than anything else. */
function rivalsOf({ kind, parameters }: Entrant): [string, Pick<Entrant, "kind" | "parameters">][] {
  return [
    [BEST, { kind, parameters }],
    ["popular", { kind: "popular", parameters: {} }],
    ["item-knn", { kind: "item-knn", parameters: {} }],
    ["item-knn, fading", { kind: "item-knn", parameters: FADING }],
  ];
}

async function takeIn(
  io: Io,
  system: System,
  rows: readonly TrainingRow[],
  { tests }: Parts,
  onStep: TrainedOptions["onStep"],
): Promise<Pick<TrainedReport, "late" | "ingest_seconds" | "settle_seconds">> {
  const startedAt = io.now();
  for (const [at, row] of rows.entries()) {
    io.signal.throwIfAborted();
    await system.send(row);
    onStep(at + 1, rows.length, "events");
  }
  await system.flush();
  const sentAt = io.now();
  let late = 0;
  for (const [at, { user }] of tests.entries()) {
    const left = Math.max(0, sentAt + CATCH_UP_MS - io.now());
    if (!(await system.caughtUp(user, left))) late += 1;
    onStep(at + 1, tests.length, "models");
  }
  return {
    late,
    ingest_seconds: roundMeasure((sentAt - startedAt) / 1_000),
    settle_seconds: roundMeasure((io.now() - sentAt) / 1_000),
  };
}

function itemsByUser(rows: readonly TrainingRow[]): Map<string, Set<string>> {
  const byUser = new Map<string, Set<string>>();
  for (const { user_id, item_id } of rows) {
    const own = byUser.get(user_id) ?? new Set();
    byUser.set(user_id, own.add(item_id));
  }
  return byUser;
}

function lineOf({ user_id, item_id, weight, time = 0 }: TrainingRow): string {
  const timestamp = new Date(time).toISOString();
  return `${JSON.stringify({ user_id, item_id, weight, timestamp })}\n`;
}

function withShares(lists: readonly ListReport[]): ListReport[] {
  const best = lists.find(({ name }) => name === BEST);
  return lists.map((list) => {
    const shares = SHARED.flatMap((metric) => {
      const whole = best?.metrics[metric] ?? 0;
      // Nothing is a share of nothing.
      if (whole === 0) return [];
      return [[metric, roundMeasure((100 * (list.metrics[metric] ?? 0)) / whole)] as const];
    });
    return { ...list, share: Object.fromEntries(shares) };
  });
}

function differencesOf(judged: readonly Judged[], seed: number): ListDifference[] {
  const isPipeline = ({ report }: Judged) => report.name.startsWith("pipeline");
  return judged.filter(isPipeline).flatMap(({ report: { name: first }, each }) =>
    judged
      .filter(({ report }) => report.name !== first)
      .map(({ report: { name: second }, each: other }) => {
        const random = createRandom(seed, `pair ${first}/${second}`);
        const difference = compareEach(each, other, random);
        return { first, second, ...difference, verdict: verdictOf(difference) };
      }),
  );
}
