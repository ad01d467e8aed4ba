import { sql } from "drizzle-orm";

import { emptyLearnerSums, type Sha256 } from "@signalpath/domain";
import type { Clock, KeptList, Learner, Learning, RankingPolicy } from "@signalpath/ports";

import { rowsOf, type Db, type Tx } from "../db.ts";
import { record, type Recording } from "../experiments/record.ts";
import { guard, transact } from "../guard.ts";
import { learners, servedLists } from "../schema/learning.ts";
import { fromMs, isoTime } from "../sql-parts.ts";
import { json } from "../training/rows-page.ts";
import { joinLists, type Told } from "./join-lists.ts";

const LEARNER = sql`project_id, policy, sums, decisions,
  ${isoTime(learners.updatedAt)} as updated_at`;

/** What learners remember, in Postgres or PGlite. */
export function createPostgresLearning(
  db: Db,
  options: { sha256: Sha256; now: Clock; newId: () => string },
): Learning {
  const recording: Recording = { db, ...options };
  const { now } = options;

  async function tell(projectId: number, rows: readonly Told[]) {
    let observed = 0;
    const { recorded, erased } = await record(recording, {
      projectId,
      rows,
      once: undefined,
      unitOf: ({ unit }) => unit,
      store: async (tx, kept, keysOf) => {
        const joined = await joinLists(tx, projectId, kept, { keysOf, nowMs: now() });
        observed = joined.observed;
        return { recorded: joined.recorded, flipped: 0 };
      },
    });
    return { recorded, observed, erased };
  }

  const found = async (projectId: number): Promise<Learner | undefined> => {
    const [row] = await rowsOf<Learner>(
      db,
      sql`select ${LEARNER} from ${learners} where project_id = ${projectId}`,
    );
    return row;
  };

  return {
    recordDecisions: async (projectId, rows) => {
      await guard(() => insertLearner(db, projectId, now()));
      return tell(
        projectId,
        rows.map(({ decision, ...row }) => ({ ...row, list: { decision, outcomes: {} } })),
      );
    },
    recordOutcomes: async (projectId, rows) => {
      const learner = await guard(() => found(projectId));
      if (learner === undefined) return { recorded: 0, observed: 0, erased: [] };
      return tell(
        projectId,
        rows.map(({ item_id, outcome, ...row }) => ({
          ...row,
          mode: null,
          list: { decision: undefined, outcomes: { [item_id]: outcome } },
        })),
      );
    },
    learner: (projectId) => guard(() => found(projectId)),
    learners: () =>
      guard(() => rowsOf<Learner>(db, sql`select ${LEARNER} from ${learners} order by project_id`)),
    enable: (projectId) =>
      guard(async () => {
        await insertLearner(db, projectId, now());
        return (await found(projectId)) as Learner;
      }),
    setPolicy: (projectId, given) =>
      transact(db, async (tx) => {
        await insertLearner(tx, projectId, now());
        const policy: RankingPolicy = { ...given, changed_at: new Date(now()).toISOString() };
        const [row] = await rowsOf<Learner>(
          tx,
          sql`update ${learners} set policy = ${json(policy)} where project_id = ${projectId}
            returning ${LEARNER}`,
        );
        return row as Learner;
      }),
    kept: (projectId, limit) =>
      guard(() =>
        rowsOf<KeptList>(
          db,
          sql`select request_id, user_key, mode, decision, outcomes,
              ${isoTime(servedLists.occurredAt)} as occurred_at
            from ${servedLists} where project_id = ${projectId} and decision is not null
            order by ${servedLists.occurredAt} desc, ${servedLists.requestId} desc limit ${limit}`,
        ),
      ),
    prune: ({ decided, undecided }) =>
      guard(async () => {
        const [gone] = await rowsOf<{ count: number }>(
          db,
          sql`with gone as (
              delete from ${servedLists}
              where (decision is not null and occurred_at < ${fromMs(decided)})
                or (decision is null and occurred_at < ${fromMs(undecided)})
              returning 1
            ) select count(*)::int as count from gone`,
        );
        return gone?.count ?? 0;
      }),
    check: () => guard(async () => void (await db.execute(sql`select from ${learners} limit 1`))),
  };
}

async function insertLearner(db: Db | Tx, projectId: number, nowMs: number): Promise<void> {
  const at = new Date(nowMs).toISOString();
  const policy: RankingPolicy = {
    mode: "static",
    model_id: null,
    forced: false,
    estimates: null,
    changed_at: at,
  };
  await db.execute(
    sql`insert into ${learners} (project_id, policy, sums, decisions, updated_at)
      values (${projectId}, ${json(policy)}, ${json(emptyLearnerSums())}, 0, ${fromMs(nowMs)})
      on conflict do nothing`,
  );
}
