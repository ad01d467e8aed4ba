import { sql } from "drizzle-orm";

import type { Clock, Experiments, ProjectRanking } from "@signalpath/ports";

import type { Db, Tx } from "../db.ts";
import { guard, transact } from "../guard.ts";
import { projectRankings } from "../schema/experiments.ts";
import { fromMs, isoTime } from "../sql-parts.ts";
import { lockProjectRow } from "../training/live-model.ts";
import { equals, json, oneRow, rowsPage } from "../training/rows-page.ts";

const RANKING = sql`project_id, ranking, experiment_id, variation_index,
  ${isoTime(projectRankings.updatedAt)} as updated_at`;

/** What was decided for a project; undefined = nothing. */
export function rankingOf(tx: Tx, projectId: number): Promise<ProjectRanking | undefined> {
  return oneRow<ProjectRanking>(
    tx,
    sql`select ${RANKING} from ${projectRankings} where project_id = ${projectId}`,
  );
}

/** Puts a ranking in the place of the one before. */
export async function saveRanking(
  tx: Tx,
  row: Omit<ProjectRanking, "updated_at">,
  nowMs: number,
): Promise<ProjectRanking> {
  const saved = await oneRow<ProjectRanking>(
    tx,
    sql`insert into ${projectRankings}
        (project_id, ranking, experiment_id, variation_index, updated_at)
      values (${row.project_id}, ${json(row.ranking)}, ${row.experiment_id}::uuid,
        ${row.variation_index}::int, ${fromMs(nowMs)})
      on conflict (project_id) do update set ranking = excluded.ranking,
        experiment_id = excluded.experiment_id, variation_index = excluded.variation_index,
        updated_at = excluded.updated_at
      returning ${RANKING}`,
  );
  return saved as ProjectRanking;
}

/** Reads and sets rankings of whole projects. */
export function rankingCalls(db: Db, now: Clock): Pick<Experiments, "rankings" | "setRanking"> {
  return {
    rankings: ({ project_id, ...page }) =>
      guard(() => {
        const where = [equals("project_id", project_id)];
        const from = { table: projectRankings, columns: RANKING, where, order: sql`project_id` };
        return rowsPage<ProjectRanking>(db, from, page);
      }),
    setRanking: (project_id, ranking) =>
      transact(db, async (tx) => {
        await lockProjectRow(tx, project_id);
        const by = { experiment_id: null, variation_index: null };
        if (ranking !== null) return saveRanking(tx, { project_id, ranking, ...by }, now());
        await tx.execute(sql`delete from ${projectRankings} where project_id = ${project_id}`);
        return null;
      }),
  };
}
