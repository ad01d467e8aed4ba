import { sql } from "drizzle-orm";

import type { Clock, ModelConfiguration, ModelConfigurations } from "@signalpath/ports";

import { rowsOf, type Db } from "../db.ts";
import { guard } from "../guard.ts";
import { modelConfigurations } from "../schema/deployment.ts";
import { fromMs, isoTime } from "../sql-parts.ts";
import { assignments, equals, given, json, oneRow, rowsPage } from "./rows-page.ts";

const COLUMNS = sql`id, project_id, name, kind, parameters,
  ${isoTime(modelConfigurations.createdAt)} as created_at,
  ${isoTime(modelConfigurations.updatedAt)} as updated_at`;

/** Configurations in Postgres or PGlite. */
export function createPostgresModelConfigurations(
  db: Db,
  { now }: { now: Clock },
): ModelConfigurations {
  return {
    create: ({ project_id, name, kind, parameters }) =>
      guard(async () => {
        const row = await oneRow<ModelConfiguration>(
          db,
          sql`insert into ${modelConfigurations}
              (project_id, name, kind, parameters, created_at, updated_at)
            values (${project_id}, ${name}, ${kind}, ${json(parameters)}, ${fromMs(now())},
              ${fromMs(now())})
            returning ${COLUMNS}`,
        );
        return row as ModelConfiguration;
      }),
    get: (id) =>
      guard(() =>
        oneRow<ModelConfiguration>(
          db,
          sql`select ${COLUMNS} from ${modelConfigurations} where id = ${id}`,
        ),
      ),
    list: ({ project_id, ...page }) =>
      guard(() => {
        const where = [equals("project_id", project_id)];
        const from = { table: modelConfigurations, columns: COLUMNS, where, order: sql`id` };
        return rowsPage<ModelConfiguration>(db, from, page);
      }),
    update: (id, { name, kind, parameters }) =>
      guard(() =>
        oneRow<ModelConfiguration>(
          db,
          sql`update ${modelConfigurations} set ${assignments({
            name: given(name),
            kind: given(kind),
            parameters: parameters === undefined ? undefined : json(parameters),
            updated_at: fromMs(now()),
          })} where id = ${id} returning ${COLUMNS}`,
        ),
      ),
    remove: (id) =>
      guard(async () => {
        const gone = await rowsOf(
          db,
          sql`delete from ${modelConfigurations} where id = ${id} returning id`,
        );
        return gone.length > 0;
      }),
  };
}
