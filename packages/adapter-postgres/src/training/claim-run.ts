import { sql } from "drizzle-orm";

import {
  MAX_RUN_ATTEMPTS,
  type RunLease,
  type TrainingRun,
  type TrainingRuns,
} from "@signalpath/ports";

import type { Tx } from "../db.ts";
import { lockClaims } from "../locks.ts";
import { trainingRuns } from "../schema/training-runs.ts";
import { fromMs } from "../sql-parts.ts";
import { oneRow } from "./rows-page.ts";
import { RUN } from "./run-columns.ts";

type Claim = Parameters<TrainingRuns["claim"]>[0] & { now_ms: number; token: string };

/** One claim at a time: two would both see a project as idle. */
export async function claimRun(tx: Tx, claim: Claim): Promise<RunLease | undefined> {
  await lockClaims(tx);
  const now = fromMs(claim.now_ms);
  await giveUpDead(tx, claim.now_ms);
  const until = claim.now_ms + claim.lease_ms;
  const row = await oneRow<TrainingRun & { checkpoint: unknown }>(
    tx,
    sql`update ${trainingRuns} set status = 'RUNNING', worker = ${claim.worker},
        token = ${claim.token}, lease_until = ${fromMs(until)}, attempt = attempt + 1,
        progress = 0, heartbeat_at = ${now}, started_at = coalesce(started_at, ${now})
      where id = (
        select waiting.id from ${trainingRuns} as waiting
          where waiting.status = 'PENDING'
            and (${claim.project_id ?? null}::int is null
              or waiting.project_id = ${claim.project_id ?? null}::int)
            and (${claim.run_id ?? null}::int is null or waiting.id = ${claim.run_id ?? null}::int)
            and not exists (
              select from ${trainingRuns} as rival
                where rival.project_id = waiting.project_id and rival.status = 'RUNNING')
          order by waiting.id limit 1
          for update)
        and status = 'PENDING'
      returning ${RUN}, checkpoint`,
  );
  if (row === undefined) return undefined;
  const { checkpoint, ...run } = row;
  return { run, token: claim.token, until, checkpoint };
}

/** Runs whose lease ended wait again, or have failed after the last attempt. */
async function giveUpDead(tx: Tx, nowMs: number): Promise<void> {
  const now = fromMs(nowMs);
  await tx.execute(sql`update ${trainingRuns} set token = null,
      status = case when attempt < ${MAX_RUN_ATTEMPTS} then 'PENDING' else 'FAILED' end,
      error_code = case when attempt < ${MAX_RUN_ATTEMPTS} then null else 'WORKER_LOST' end,
      error = case when attempt < ${MAX_RUN_ATTEMPTS} then null else 'its workers died' end,
      checkpoint = case when attempt < ${MAX_RUN_ATTEMPTS} then checkpoint end,
      finished_at = case when attempt < ${MAX_RUN_ATTEMPTS} then null else ${now} end
    where status = 'RUNNING' and lease_until <= ${now}`);
}
