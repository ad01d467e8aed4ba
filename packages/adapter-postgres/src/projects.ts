import { sql } from "drizzle-orm";

import { RefusedError, type Clock, type Project, type Projects } from "@signalpath/ports";

import { PAGE, rowsOf, type Db } from "./db.ts";
import { guard } from "./guard.ts";
import { projects } from "./schema/projects.ts";
import { fromMs, isoTime } from "./sql-parts.ts";

const COLUMNS = sql`id, name, ${isoTime(projects.createdAt)} as "createdAt"`;

/** Projects in Postgres or PGlite. Ids count from 1. */
export function createPostgresProjects(db: Db, { now }: { now: Clock }): Projects {
  return {
    create: (name) =>
      guard(async () => {
        const [project] = await rowsOf<Project>(
          db,
          sql`insert into ${projects} (name, created_at) values (${name}, ${fromMs(now())})
            returning ${COLUMNS}`,
        );
        return project as Project;
      }),
    get: (id) =>
      guard(async () => {
        const [project] = await rowsOf<Project>(
          db,
          sql`select ${COLUMNS} from ${projects} where id = ${id}`,
        );
        return project;
      }),
    list: ({ offset, limit }) =>
      guard(async () => {
        const [total] = await rowsOf<{ count: number }>(
          db,
          sql`select count(*)::int as count from ${projects}`,
        );
        const page = await rowsOf<Project>(
          db,
          sql`select ${COLUMNS} from ${projects}
            order by id offset ${offset} limit ${Math.min(limit, PAGE)}`,
        );
        return { count: total?.count ?? 0, projects: page };
      }),
    eventMap: (id) =>
      guard(async () => {
        const [row] = await rowsOf<{ map: unknown }>(
          db,
          sql`select event_map as map from ${projects} where id = ${id}`,
        );
        return row?.map ?? undefined;
      }),
    setEventMap: (id, map) =>
      guard(async () => {
        const text = map === undefined || map === null ? null : JSON.stringify(map);
        const rows = await rowsOf(
          db,
          sql`update ${projects} set event_map = ${text}::text::jsonb where id = ${id} returning id`,
        );
        if (rows.length === 0) throw new RefusedError("the project is unknown");
      }),
  };
}
