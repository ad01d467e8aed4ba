import { sql } from "drizzle-orm";

import {
  timesAfter,
  type Clock,
  type Experiment,
  type ExperimentDefinition,
  type Experiments,
  type ExperimentStatus,
  type NewExperiment,
  type Once,
  type Promoted,
} from "@signalpath/ports";

import { rowsOf, type Db, type Tx } from "../db.ts";
import { guard, transact } from "../guard.ts";
import { experiments } from "../schema/experiments.ts";
import { fromMs, isoTime } from "../sql-parts.ts";
import { lockProjectRow } from "../training/live-model.ts";
import { rankingCalls, rankingOf, saveRanking } from "./project-rankings.ts";
import { claimCall, keepAnswer } from "./record.ts";
import { transactWithRefusals, type Own } from "./refusals.ts";
import { equals, json, oneRow, rowsPage } from "../training/rows-page.ts";

const EXPERIMENT = sql`id, project_id, name, status, definition,
  ${isoTime(experiments.createdAt)} as created_at,
  ${isoTime(experiments.updatedAt)} as updated_at,
  ${isoTime(experiments.startedAt)} as started_at,
  ${isoTime(experiments.stoppedAt)} as stopped_at`;

type Row = Omit<Experiment, keyof ExperimentDefinition> & {
  name: string;
  definition: Omit<ExperimentDefinition, "name">;
};

/** Experiments in Postgres or PGlite. */
export function createPostgresExperiments(db: Db, { now }: { now: Clock }): Experiments {
  return {
    create: (experiment) => transact(db, (tx) => create(tx, experiment, now())),
    get: (id) =>
      guard(async () =>
        shown(
          await oneRow<Row>(
            db,
            sql`select ${EXPERIMENT} from ${experiments} where id = ${id}::uuid`,
          ),
        ),
      ),
    list: ({ project_id, status, ...page }) =>
      guard(async () => {
        const where = [equals("project_id", project_id), equals("status", status)];
        const order = sql`${experiments.createdAt} desc, id desc`;
        const from = { table: experiments, columns: EXPERIMENT, where, order };
        const { count, rows } = await rowsPage<Row>(db, from, page);
        return { count, rows: rows.map((row) => shown(row) as Experiment) };
      }),
    update: (id, change) =>
      transactWithRefusals(db, (tx, own) =>
        update(tx, id, (current) => own(() => change(current)), now()),
      ),
    promote: (id, decide, once) =>
      transactWithRefusals(db, async (tx, own) => {
        const promotion = { id, once, nowMs: now() };
        return promoteVariation(tx, promotion, own, (...state) => own(() => decide(...state)));
      }),
    ...rankingCalls(db, now),
    check: () =>
      guard(async () => void (await rowsOf(db, sql`select from ${experiments} limit 1`))),
  };
}

async function create(tx: Tx, given: NewExperiment, nowMs: number): Promise<Experiment> {
  await lockProjectRow(tx, given.project_id);
  const fresh = { status: "draft", started_at: null, stopped_at: null } as const;
  const at = new Date(nowMs).toISOString();
  const { started_at } = timesAfter(fresh, given.status, at);
  const row = await oneRow<Row>(
    tx,
    sql`insert into ${experiments} (id, project_id, name, status, definition, created_at,
        updated_at, started_at)
      values (${given.id}::uuid, ${given.project_id}, ${given.name}, ${given.status},
        ${json(definitionOf(given))}, ${fromMs(nowMs)}, ${fromMs(nowMs)},
        ${started_at}::timestamptz)
      returning ${EXPERIMENT}`,
  );
  return shown(row) as Experiment;
}

async function update(
  tx: Tx,
  id: string,
  change: Parameters<Experiments["update"]>[1],
  nowMs: number,
): Promise<Experiment | undefined> {
  const current = shown(
    await oneRow<Row>(
      tx,
      sql`select ${EXPERIMENT} from ${experiments} where id = ${id}::uuid for update`,
    ),
  );
  if (current === undefined) return undefined;
  const next = { ...current, ...change(current) };
  const status: ExperimentStatus = next.status;
  const times = timesAfter(current, status, new Date(nowMs).toISOString());
  return shown(
    await oneRow<Row>(
      tx,
      sql`update ${experiments} set name = ${next.name}, status = ${status},
          definition = ${json(definitionOf(next))}, updated_at = ${fromMs(nowMs)},
          started_at = ${times.started_at}::timestamptz,
          stopped_at = ${times.stopped_at}::timestamptz
        where id = ${id}::uuid returning ${EXPERIMENT}`,
    ),
  );
}

async function promoteVariation(
  tx: Tx,
  { id, once, nowMs }: { id: string; once: Once | undefined; nowMs: number },
  own: Own,
  decide: Parameters<Experiments["promote"]>[1],
): Promise<Promoted | undefined> {
  const held = await oneRow<Row>(
    tx,
    sql`select ${EXPERIMENT} from ${experiments} where id = ${id}::uuid for update`,
  );
  const current = shown(held);
  if (current === undefined) return undefined;
  const { project_id } = current;
  if (once !== undefined) {
    const before = await claimCall<Promoted>(tx, own, project_id, { ...once, nowMs });
    if (before !== undefined) return before;
  }
  await lockProjectRow(tx, project_id);
  const known = await rankingOf(tx, project_id);
  const { variation_index, ranking } = decide(current, known?.ranking);
  const isRunning = current.status === "running";
  const stop = (): { status?: "stopped" } => (isRunning ? { status: "stopped" } : {});
  const experiment = (await update(tx, id, stop, nowMs)) as Experiment;
  const by = { experiment_id: id, variation_index };
  const kept =
    ranking === undefined ? known : await saveRanking(tx, { project_id, ranking, ...by }, nowMs);
  const answer = { experiment, ranking: kept ?? null, replayed: false };
  if (once !== undefined) await keepAnswer(tx, project_id, once, answer);
  return answer;
}

function definitionOf(of: ExperimentDefinition): Row["definition"] {
  return {
    variations: of.variations,
    hash_seed: of.hash_seed,
    hash_version: of.hash_version,
    coverage: of.coverage,
    namespace: of.namespace,
    conversion_window_hours: of.conversion_window_hours,
    metrics: of.metrics,
  };
}

function shown(row: Row | undefined): Experiment | undefined {
  if (row === undefined) return undefined;
  const { definition, ...rest } = row;
  return { ...rest, ...definition };
}
