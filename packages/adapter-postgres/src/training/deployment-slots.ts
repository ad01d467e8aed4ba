import { sql } from "drizzle-orm";

import {
  RefusedError,
  type Clock,
  type DeploymentSlot,
  type DeploymentSlots,
  type NewDeploymentSlot,
  type SlotChanges,
  type SlotPromotion,
  type SlotRouting,
} from "@signalpath/ports";

import { rowsOf, type Db, type Tx } from "../db.ts";
import { guard, transact } from "../guard.ts";
import { deploymentSlots, slotRoutings } from "../schema/deployment.ts";
import { array, fromMs, isoTime } from "../sql-parts.ts";
import { holdModel, lockProjectRow } from "./live-model.ts";
import { assignments, equals, given, oneRow, rowsPage } from "./rows-page.ts";

const SLOT = sql`id, project_id, name, trained_model_id, weight, is_active, is_shadow,
  variation_index, ${isoTime(deploymentSlots.createdAt)} as created_at,
  ${isoTime(deploymentSlots.updatedAt)} as updated_at`;
const LIVE = sql`removed_at is null`;

/** Slots in Postgres or PGlite. `newSeed` makes the seed of a project's hashes. */
export function createPostgresDeploymentSlots(
  db: Db,
  { now, newSeed }: { now: Clock; newSeed: () => string },
): DeploymentSlots {
  return {
    create: (slot) => transact(db, (tx) => createSlot(tx, slot, { seed: newSeed(), atMs: now() })),
    get: (id) =>
      guard(() =>
        oneRow<DeploymentSlot>(
          db,
          sql`select ${SLOT} from ${deploymentSlots} where id = ${id} and ${LIVE}`,
        ),
      ),
    ownerOf: (id) =>
      guard(async () => {
        const row = await oneRow<{ project_id: number }>(
          db,
          sql`select project_id from ${deploymentSlots} where id = ${id}`,
        );
        return row?.project_id;
      }),
    list: ({ project_id, is_active, ...page }) =>
      guard(() => {
        const where = [LIVE, equals("project_id", project_id), equals("is_active", is_active)];
        const from = { table: deploymentSlots, columns: SLOT, where, order: sql`id` };
        return rowsPage<DeploymentSlot>(db, from, page);
      }),
    update: (id, changes) => transact(db, (tx) => updateSlot(tx, id, changes, now())),
    promote: (id, promotion) => transact(db, (tx) => promoteSlot(tx, id, promotion, now())),
    remove: (id) =>
      guard(async () => {
        const gone = await rowsOf(
          db,
          sql`update ${deploymentSlots} set removed_at = ${fromMs(now())}
            where id = ${id} and ${LIVE} returning id`,
        );
        return gone.length > 0;
      }),
    routing: (projectId) => guard(() => routingOf(db, projectId)),
    setMode: (projectId, mode) =>
      guard(async () => {
        await db.execute(
          sql`update ${slotRoutings} set mode = ${mode} where project_id = ${projectId}`,
        );
        return routingOf(db, projectId);
      }),
    check: () =>
      guard(async () => void (await rowsOf(db, sql`select from ${deploymentSlots} limit 1`))),
  };
}

async function createSlot(
  tx: Tx,
  slot: NewDeploymentSlot,
  { seed, atMs }: { seed: string; atMs: number },
): Promise<DeploymentSlot> {
  await lockProjectRow(tx, slot.project_id);
  await holdModel(tx, slot.trained_model_id, slot.project_id);
  assertWeight(slot.weight);
  const routing = await oneRow<{ next: number }>(
    tx,
    sql`insert into ${slotRoutings} as kept (project_id, seed, mode, next_variation)
      values (${slot.project_id}, ${seed}, 'sticky', 1)
      on conflict (project_id) do update set next_variation = kept.next_variation + 1
      returning next_variation as next`,
  );
  const row = await oneRow<DeploymentSlot>(
    tx,
    sql`insert into ${deploymentSlots} (project_id, name, trained_model_id, weight, is_active,
        is_shadow, variation_index, created_at, updated_at)
      values (${slot.project_id}, ${slot.name}, ${slot.trained_model_id}, ${slot.weight},
        ${slot.is_active}, ${slot.is_shadow ?? false}, ${(routing?.next ?? 1) - 1}, ${fromMs(atMs)}, ${fromMs(atMs)})
      returning ${SLOT}`,
  );
  return row as DeploymentSlot;
}

async function updateSlot(
  tx: Tx,
  id: number,
  changes: SlotChanges,
  atMs: number,
): Promise<DeploymentSlot | undefined> {
  const slot = await oneRow<{ project_id: number }>(
    tx,
    sql`select project_id from ${deploymentSlots} where id = ${id} and ${LIVE} for update`,
  );
  if (slot === undefined) return undefined;
  if (changes.weight !== undefined) assertWeight(changes.weight);
  if (changes.trained_model_id !== undefined) {
    await holdModel(tx, changes.trained_model_id, slot.project_id);
  }
  return oneRow<DeploymentSlot>(
    tx,
    sql`update ${deploymentSlots} set ${assignments({
      name: given(changes.name),
      trained_model_id: given(changes.trained_model_id),
      weight: given(changes.weight),
      is_active: given(changes.is_active),
      is_shadow: given(changes.is_shadow),
      updated_at: fromMs(atMs),
    })} where id = ${id} returning ${SLOT}`,
  );
}

async function promoteSlot(
  tx: Tx,
  id: number,
  { weight, switch_off }: SlotPromotion,
  atMs: number,
): Promise<DeploymentSlot | undefined> {
  // In the order of their ids: two promotions at once wait for one another.
  const rows = await rowsOf<DeploymentSlot>(
    tx,
    sql`select ${SLOT} from ${deploymentSlots}
      where id = any(${array("int", [id, ...switch_off])}) and ${LIVE} order by id for update`,
  );
  const shadow = rows.find((row) => row.id === id);
  if (shadow === undefined) return undefined;
  assertWeight(weight);
  if (!shadow.is_shadow) throw new RefusedError("the slot is no shadow");
  const own = new Set(
    rows.filter((row) => row.project_id === shadow.project_id).map((row) => row.id),
  );
  if (switch_off.some((other) => other === id || !own.has(other))) {
    throw new RefusedError("the project has no such other slot");
  }
  const at = fromMs(atMs);
  await tx.execute(sql`update ${deploymentSlots} set is_active = false, updated_at = ${at}
    where id = any(${array("int", switch_off)})`);
  return oneRow<DeploymentSlot>(
    tx,
    sql`update ${deploymentSlots} set is_shadow = false, is_active = true, weight = ${weight},
        updated_at = ${at}
      where id = ${id} returning ${SLOT}`,
  );
}

/** Of one instant: a slot and the seed come from one statement. */
async function routingOf(db: Db, projectId: number): Promise<SlotRouting | undefined> {
  const rows = await rowsOf<{
    seed: string;
    mode: SlotRouting["mode"];
    slot: DeploymentSlot | null;
  }>(
    db,
    sql`select routing.seed, routing.mode, slot.slot
      from ${slotRoutings} as routing left join lateral (
        select live.id, jsonb_build_object('id', live.id, 'project_id', live.project_id,
            'name', live.name, 'trained_model_id', live.trained_model_id, 'weight', live.weight,
            'is_active', live.is_active, 'is_shadow', live.is_shadow, 'variation_index', live.variation_index,
            'created_at', ${isoTime(sql`live.created_at`)},
            'updated_at', ${isoTime(sql`live.updated_at`)}) as slot
          from ${deploymentSlots} as live
          where live.project_id = routing.project_id and live.removed_at is null
            and live.is_active and live.weight > 0) as slot on true
      where routing.project_id = ${projectId} order by slot.id`,
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  const all = rows.flatMap(({ slot }) => slot ?? []);
  return {
    project_id: projectId,
    seed: first.seed,
    mode: first.mode,
    slots: all.filter((slot) => !slot.is_shadow),
    shadows: all.filter((slot) => slot.is_shadow),
  };
}

function assertWeight(weight: number): void {
  if (!(weight >= 0 && weight <= 100)) throw new RefusedError("a weight is 0..100");
}
