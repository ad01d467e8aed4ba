import { sql } from "drizzle-orm";

import { RefusedError, type TrainedModel } from "@signalpath/ports";

import { rowsOf, type Tx } from "../db.ts";
import { projects } from "../schema/projects.ts";
import { trainedModels } from "../schema/trained-models.ts";

/** Holds the project's row. @throws RefusedError when there is none. */
export async function lockProjectRow(tx: Tx, projectId: number): Promise<void> {
  const found = await rowsOf(
    tx,
    sql`select id from ${projects} where id = ${projectId} for update`,
  );
  if (found.length === 0) throw new RefusedError("the project is unknown");
}

/** Holds a live model's row until the transaction ends. @throws RefusedError when it is none of the project's. */
export async function holdModel(
  tx: Tx,
  id: number,
  projectId: number,
): Promise<Pick<TrainedModel, "version" | "last_version">> {
  const [model] = await rowsOf<Pick<TrainedModel, "version" | "last_version">>(
    tx,
    sql`select version, last_version from ${trainedModels}
      where id = ${id} and project_id = ${projectId} and removed_at is null for update`,
  );
  if (model === undefined) throw new RefusedError("the project has no such trained model");
  return model;
}
