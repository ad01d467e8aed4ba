import { sql } from "drizzle-orm";

import type { ChangedBy, ServingCause, TrainedModel } from "@signalpath/ports";

import type { Tx } from "../db.ts";
import { servingChanges } from "../schema/trained-models.ts";
import { fromMs } from "../sql-parts.ts";

/**
 * A line of what served since when, in the transaction that changes it; none where the version
 * serves already. The model's row is held by the caller.
 */
export async function noteServingChange(
  tx: Tx,
  { id, project_id, version }: Pick<TrainedModel, "id" | "project_id" | "version">,
  {
    to,
    cause,
    runId = null,
    key_id,
    atMs,
  }: { to: number | null; cause: ServingCause; runId?: number | null; atMs: number } & ChangedBy,
): Promise<void> {
  if (to === version) return;
  await tx.execute(sql`insert into ${servingChanges}
    (project_id, trained_model_id, changed_at, cause, from_version, to_version, training_run_id,
      key_id)
    values (${project_id}, ${id}, ${fromMs(atMs)}, ${cause}, ${version}::int, ${to}::int,
      ${runId}::int, ${key_id ?? null}::int)`);
}
