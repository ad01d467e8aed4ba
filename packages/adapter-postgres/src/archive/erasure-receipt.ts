import { sql } from "drizzle-orm";

import type { UserKey } from "@signalpath/domain";
import { emptyReceipt, type ErasureProgress, type ErasureReceipt } from "@signalpath/ports";

import { rowsOf, type Db, type Tx } from "../db.ts";
import { transact } from "../guard.ts";
import { lockProject } from "../locks.ts";
import { tombstones } from "../schema/identity.ts";
import { array, fromMs, isoTime } from "../sql-parts.ts";
import { keysOfPerson } from "./erase.ts";

/** Adds what was found of a person's keys to their tombstones (`Archive.recordErasure`). */
export async function recordErasure(
  db: Db,
  projectId: number,
  keys: readonly UserKey[],
  { atMs, buffers, models, features, done }: ErasureProgress,
): Promise<ErasureReceipt> {
  return transact(db, async (tx) => {
    await lockProject(tx, projectId);
    const [buffer, model, feature] = [buffers, models, features].map(
      (found) => sql`subject_key = any(${array("text", found)})`,
    );
    await tx.execute(
      sql`update ${tombstones}
        set had_buffer = had_buffer or ${buffer}, had_model = had_model or ${model},
          had_features = had_features or ${feature},
          removed_at = case
            when (${buffer} and not had_buffer) or (${model} and not had_model)
              or (${feature} and not had_features)
            then greatest(removed_at, ${fromMs(atMs)}) else removed_at end,
          ids = case when ${done}::boolean then null else ids end
        where project_id = ${projectId} and subject_key = any(${array("text", keys)})`,
    );
    return (await readReceipt(tx, projectId, keys)) ?? emptyReceipt(atMs);
  });
}

/** @returns undefined when no key of the person was ever erased (`Archive.erasureOf`). */
export async function erasureOf(
  db: Db,
  projectId: number,
  key: UserKey,
): Promise<ErasureReceipt | undefined> {
  return readReceipt(db, projectId, await keysOfPerson(db, projectId, key));
}

async function readReceipt(
  db: Db | Tx,
  projectId: number,
  keys: readonly UserKey[],
): Promise<ErasureReceipt | undefined> {
  const [row] = await rowsOf<ErasureReceipt["removed"] & { erased_at: string | null }>(
    db,
    sql`select ${isoTime(sql`max(removed_at)`)} as erased_at,
        coalesce(sum(archive), 0)::int as archive,
        coalesce(sum(dead_letters), 0)::int as dead_letters,
        coalesce(sum(experiments), 0)::int as experiments,
        (count(*) filter (where had_buffer))::int as buffers,
        (count(*) filter (where had_model))::int as models,
        (count(*) filter (where had_features))::int as features
      from ${tombstones}
      where project_id = ${projectId} and subject_key = any(${array("text", keys)})`,
  );
  if (row === undefined || row.erased_at === null) return undefined;
  const { erased_at: erasedAt, ...removed } = row;
  return { erasedAt, removed };
}
