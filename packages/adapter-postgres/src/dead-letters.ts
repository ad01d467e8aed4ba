import { sql, type SQL } from "drizzle-orm";

import { MAX_DEAD_LETTERS, RETENTION_MS } from "@signalpath/contracts";
import type { Sha256, UserKey } from "@signalpath/domain";
import {
  deadLetterId,
  letterCursor,
  parseLetterCursor,
  storableLetter,
  type DeadLetter,
  type DeadLetters,
  type NewDeadLetter,
} from "@signalpath/ports";

import { PAGE, rowsOf, type Db } from "./db.ts";
import { guard } from "./guard.ts";
import { deadLetters } from "./schema/dead-letters.ts";
import { array, fromMs, isoTime } from "./sql-parts.ts";

interface LetterRow {
  id: string;
  project_id: number;
  app: string;
  code: string;
  detail: string;
  received_at: string;
  event_id: string | null;
  user_key: UserKey | null;
  anonymous_key: UserKey | null;
  body: string;
  truncated: boolean;
  replays: number;
}

const COLUMNS = sql`id, project_id, app, code, detail,
  ${isoTime(deadLetters.receivedAt)} as received_at,
  event_id, user_key, anonymous_key, body, truncated, replays`;

/** Refused events in Postgres or PGlite. */
export function createPostgresDeadLetters(
  db: Db,
  { sha256, maxPerProject = MAX_DEAD_LETTERS }: { sha256: Sha256; maxPerProject?: number },
): DeadLetters {
  return {
    put: (letters) => guard(() => putLetters(db, sha256, letters)),
    list: (projectId, options) => guard(() => listLetters(db, projectId, options)),
    get: (projectId, ids) => guard(() => getLetters(db, projectId, ids)),
    countReplay: (projectId, id) =>
      guard(async () => {
        const [row] = await rowsOf<{ before: number }>(
          db,
          sql`update ${deadLetters} set replays = replays + 1
            where project_id = ${projectId} and id = ${id} returning replays - 1 as before`,
        );
        return row?.before;
      }),
    remove: (projectId, ids) =>
      guard(async () => {
        await db.execute(
          sql`delete from ${deadLetters}
            where project_id = ${projectId} and id = any(${array("text", ids)})`,
        );
      }),
    counts: () =>
      guard(() =>
        rowsOf<{ app: string; count: number }>(
          db,
          sql`select app, count(*)::int as count from ${deadLetters}
            group by app order by app collate "C"`,
        ),
      ),
    prune: (nowMs) => guard(() => pruneLetters(db, nowMs, maxPerProject)),
  };
}

async function putLetters(db: Db, sha256: Sha256, given: readonly NewDeadLetter[]): Promise<void> {
  const letters = given.map(storableLetter);
  const column = (
    type: Parameters<typeof array>[0],
    pick: (letter: NewDeadLetter) => unknown,
  ): SQL => array(type, letters.map(pick));
  if (letters.length === 0) return;
  await db.execute(
    sql`insert into ${deadLetters} (id, project_id, app, code, detail, received_at, event_id,
        user_key, anonymous_key, body, truncated)
      select * from unnest(
        ${column("text", (letter) => deadLetterId(sha256, letter))},
        ${column("int", (letter) => letter.projectId)},
        ${column("text", (letter) => letter.app)},
        ${column("text", (letter) => letter.code)},
        ${column("text", (letter) => letter.detail)},
        ${column("timestamptz", (letter) => letter.receivedAt)},
        ${column("text", (letter) => letter.eventId ?? null)},
        ${column("text", (letter) => letter.userKey ?? null)},
        ${column("text", (letter) => letter.anonymousKey ?? null)},
        ${column("text", (letter) => letter.body)},
        ${column("boolean", (letter) => letter.truncated)}
      ) as n(id) order by n.id collate "C"
      on conflict do nothing`,
  );
}

async function listLetters(
  db: Db,
  projectId: number,
  { app, code, limit, cursor }: Parameters<DeadLetters["list"]>[1],
): ReturnType<DeadLetters["list"]> {
  const conditions = [sql`project_id = ${projectId}`];
  if (app !== undefined) conditions.push(sql`app = ${app}`);
  if (code !== undefined) conditions.push(sql`code = ${code}`);
  if (cursor !== undefined) {
    const { receivedAt, id } = parseLetterCursor(cursor);
    conditions.push(sql`(received_at, id) < (${receivedAt}::timestamptz, ${id}::text)`);
  }
  const most = Math.min(limit, PAGE);
  const rows = await rowsOf<LetterRow>(
    db,
    sql`select ${COLUMNS} from ${deadLetters} where ${sql.join(conditions, sql` and `)}
      order by ${deadLetters.receivedAt} desc, id desc limit ${most + 1}`,
  );
  const letters = rows.slice(0, most).map(toLetter);
  const last = letters.at(-1);
  const next = rows.length > most && last !== undefined ? letterCursor(last) : undefined;
  return { letters, next };
}

async function getLetters(
  db: Db,
  projectId: number,
  ids: readonly string[],
): Promise<DeadLetter[]> {
  const found = new Map<string, DeadLetter>();
  for (let start = 0; start < ids.length; start += PAGE) {
    const rows = await rowsOf<LetterRow>(
      db,
      sql`select ${COLUMNS} from ${deadLetters} where project_id = ${projectId}
        and id = any(${array("text", ids.slice(start, start + PAGE))})`,
    );
    for (const row of rows) found.set(row.id, toLetter(row));
  }
  return [...new Set(ids)].flatMap((id) => found.get(id) ?? []);
}

/** The age first: what is too old does not count towards a project's number. */
async function pruneLetters(db: Db, nowMs: number, maxPerProject: number): Promise<number> {
  const old = await rowsOf<{ count: number }>(
    db,
    sql`with gone as (
        delete from ${deadLetters} where received_at < ${fromMs(nowMs - RETENTION_MS)} returning id
      ) select count(*)::int as count from gone`,
  );
  const over = await rowsOf<{ count: number }>(
    db,
    sql`with projects as (
        select project_id from ${deadLetters} group by project_id having count(*) > ${maxPerProject}
      ), gone as (
        delete from ${deadLetters} d using projects p
        where d.project_id = p.project_id and (d.received_at, d.id) <= (
          select o.received_at, o.id from ${deadLetters} o where o.project_id = p.project_id
          order by o.received_at desc, o.id desc offset ${maxPerProject} limit 1
        ) returning d.id
      ) select count(*)::int as count from gone`,
  );
  return (old[0]?.count ?? 0) + (over[0]?.count ?? 0);
}

function toLetter(row: LetterRow): DeadLetter {
  const letter: DeadLetter = {
    id: row.id,
    projectId: row.project_id,
    app: row.app,
    code: row.code,
    detail: row.detail,
    receivedAt: row.received_at,
    body: row.body,
    truncated: row.truncated,
    replays: row.replays,
  };
  if (row.event_id !== null) letter.eventId = row.event_id;
  if (row.user_key !== null) letter.userKey = row.user_key;
  if (row.anonymous_key !== null) letter.anonymousKey = row.anonymous_key;
  return letter;
}
