import { sql } from "drizzle-orm";

import { RefusedError, type AbTest, type AbTests, type Clock, type Once } from "@signalpath/ports";

import { rowsOf, type Db, type Tx } from "../db.ts";
import { guard, transact } from "../guard.ts";
import { deploymentSlots } from "../schema/deployment.ts";
import { abTests } from "../schema/experiments.ts";
import { fromMs, isoTime } from "../sql-parts.ts";
import { lockProjectRow } from "../training/live-model.ts";
import { claimCall, keepAnswer } from "./record.ts";
import { transactWithRefusals, type Own } from "./refusals.ts";
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
    promote: (id, decide, once) =>
      transactWithRefusals(db, (tx, own) => {
        const promotion = { id, once, nowMs: now() };
        return promoteSlot(tx, promotion, own, (current) => own(() => decide(current)));
      }),
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

async function promoteSlot(
  tx: Tx,
  { id, once, nowMs }: { id: number; once: Once | undefined; nowMs: number },
  own: Own,
  decide: Parameters<AbTests["promote"]>[1],
): Promise<AbTest | undefined> {
  const current = await oneRow<AbTest>(
    tx,
    sql`select ${TEST} from ${abTests} where id = ${id} for update`,
  );
  if (current === undefined) return undefined;
  const { project_id } = current;
  if (once !== undefined) {
    const before = await claimCall<AbTest & { replayed: boolean }>(tx, own, project_id, {
      ...once,
      nowMs,
    });
    if (before !== undefined) {
      const { replayed: _, ...test } = before;
      return test;
    }
  }
  const { winner, loser } = decide({ ...current });
  const at = fromMs(nowMs);
  // In the order of their ids: two promotions at once wait for one another.
  const held = await rowsOf<{ id: number }>(
    tx,
    sql`select id from ${deploymentSlots} where id in (${winner}, ${loser})
      and removed_at is null order by id for update`,
  );
  if (!held.some((slot) => slot.id === winner)) {
    throw new RefusedError("the slot of the winner was removed");
  }
  await tx.execute(sql`update ${deploymentSlots} set is_active = id = ${winner},
      weight = case when id = ${winner} then 100 else weight end, updated_at = ${at}
    where id in (${winner}, ${loser}) and removed_at is null`);
  const named = (await oneRow<AbTest>(
    tx,
    sql`update ${abTests} set winner_slot = ${winner}, updated_at = ${at}
      where id = ${id} returning ${TEST}`,
  )) as AbTest;
  if (once !== undefined) await keepAnswer(tx, project_id, once, named);
  return named;
}
