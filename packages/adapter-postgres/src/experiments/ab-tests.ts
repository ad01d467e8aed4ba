import { sql } from "drizzle-orm";

import type { AbTest, AbTests, Clock } from "@signalpath/ports";

import { rowsOf, type Db, type Tx } from "../db.ts";
import { guard, transact } from "../guard.ts";
import { abTests } from "../schema/experiments.ts";
import { fromMs, isoTime } from "../sql-parts.ts";
import { lockProjectRow } from "../training/live-model.ts";
import { transactWithRefusals } from "./refusals.ts";
import { equals, oneRow, rowsPage } from "../training/rows-page.ts";

const TEST = sql`id, project_id, name, status, control_slot, variant_slot, target_metric_name,
  min_sample_size, confidence_level, winner_slot,
  ${isoTime(abTests.startedAt)} as started_at, ${isoTime(abTests.endedAt)} as ended_at,
  ${isoTime(abTests.createdAt)} as created_at, ${isoTime(abTests.updatedAt)} as updated_at`;

/** Tests of deployment slots in Postgres or PGlite. */
export function createPostgresAbTests(db: Db, { now }: { now: Clock }): AbTests {
  return {
    create: (test) =>
      transact(db, async (tx) => {
        await lockProjectRow(tx, test.project_id);
        const at = fromMs(now());
        const row = await oneRow<AbTest>(
          tx,
          sql`insert into ${abTests} (project_id, name, status, control_slot, variant_slot,
              target_metric_name, min_sample_size, confidence_level, created_at, updated_at)
            values (${test.project_id}, ${test.name}, 'DRAFT', ${test.control_slot},
              ${test.variant_slot}, ${test.target_metric_name}, ${test.min_sample_size},
              ${test.confidence_level}, ${at}, ${at})
            returning ${TEST}`,
        );
        return row as AbTest;
      }),
    get: (id) =>
      guard(() => oneRow<AbTest>(db, sql`select ${TEST} from ${abTests} where id = ${id}`)),
    list: ({ project_id, status, ...page }) =>
      guard(() => {
        const where = [equals("project_id", project_id), equals("status", status)];
        return rowsPage<AbTest>(db, { table: abTests, columns: TEST, where, order: sql`id` }, page);
      }),
    update: (id, change) =>
      transactWithRefusals(db, (tx, own) =>
        update(tx, id, (current) => own(() => change(current)), now()),
      ),
    check: () => guard(async () => void (await rowsOf(db, sql`select from ${abTests} limit 1`))),
  };
}

async function update(
  tx: Tx,
  id: number,
  change: Parameters<AbTests["update"]>[1],
  nowMs: number,
): Promise<AbTest | undefined> {
  const current = await oneRow<AbTest>(
    tx,
    sql`select ${TEST} from ${abTests} where id = ${id} for update`,
  );
  if (current === undefined) return undefined;
  const next = { ...current, ...change({ ...current }) };
  return oneRow<AbTest>(
    tx,
    sql`update ${abTests} set name = ${next.name}, status = ${next.status},
        control_slot = ${next.control_slot}, variant_slot = ${next.variant_slot},
        target_metric_name = ${next.target_metric_name},
        min_sample_size = ${next.min_sample_size}, confidence_level = ${next.confidence_level},
        started_at = ${next.started_at}::timestamptz, ended_at = ${next.ended_at}::timestamptz,
        winner_slot = ${next.winner_slot}::int, updated_at = ${fromMs(nowMs)}
      where id = ${id} returning ${TEST}`,
  );
}
