import { sql } from "drizzle-orm";

import type { Scope } from "@signalpath/contracts";
import {
  MAX_LEGACY_KEYS,
  MAX_LIVE_WRITE_KEYS,
  RefusedError,
  type Clock,
  type KeyRecord,
  type Keys,
  type NewKey,
} from "@signalpath/ports";

import { PAGE, rowsOf, type Db, type Tx } from "./db.ts";
import { guard, transact } from "./guard.ts";
import { keys, LEGACY_PATTERN } from "./schema/keys.ts";
import { projects } from "./schema/projects.ts";
import { array, fromMs, isoTime } from "./sql-parts.ts";

interface KeyRow {
  id: number;
  project_id: number;
  name: string;
  kind: KeyRecord["kind"];
  scopes: Scope[];
  source: string | null;
  profile: KeyRecord["profile"] | null;
  prefix: string;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
}

const COLUMNS = sql`id, project_id, name, kind, scopes, source, profile, prefix,
  ${isoTime(keys.createdAt)} as created_at, ${isoTime(keys.expiresAt)} as expires_at,
  ${isoTime(keys.revokedAt)} as revoked_at, ${isoTime(keys.lastUsedAt)} as last_used_at`;

/** Keys in Postgres or PGlite. `now` dates new keys and tells live ones from expired ones. */
export function createPostgresKeys(db: Db, { now }: { now: Clock }): Keys {
  const one = async (query: ReturnType<typeof sql>): Promise<KeyRecord | undefined> => {
    const [row] = await rowsOf<KeyRow>(db, query);
    return row === undefined ? undefined : toRecord(row);
  };
  return {
    create: (key) => transact(db, (tx) => createKey(tx, key, now())),
    findByHash: (hash) =>
      guard(() => one(sql`select ${COLUMNS} from ${keys} where hash = ${hash}`)),
    findLegacy: (prefix) =>
      guard(async () => {
        const rows = await rowsOf<KeyRow & { hash: string }>(
          db,
          sql`select ${COLUMNS}, hash from ${keys}
            where prefix = ${prefix} and hash ~ ${sql.raw(`'${LEGACY_PATTERN}'`)}
            order by id limit ${MAX_LEGACY_KEYS}`,
        );
        return rows.map((row) => ({ record: toRecord(row), hash: row.hash }));
      }),
    list: ({ projectId, offset, limit }) =>
      guard(async () => {
        const where = projectId === undefined ? sql`` : sql`where project_id = ${projectId}`;
        const [total] = await rowsOf<{ count: number }>(
          db,
          sql`select count(*)::int as count from ${keys} ${where}`,
        );
        const rows = await rowsOf<KeyRow>(
          db,
          sql`select ${COLUMNS} from ${keys} ${where}
            order by id offset ${offset} limit ${Math.min(limit, PAGE)}`,
        );
        return { count: total?.count ?? 0, keys: rows.map(toRecord) };
      }),
    get: (id) => guard(() => one(sql`select ${COLUMNS} from ${keys} where id = ${id}`)),
    revoke: (id, at) =>
      guard(() =>
        one(sql`update ${keys} set revoked_at = coalesce(revoked_at, ${at}::timestamptz)
          where id = ${id} returning ${COLUMNS}`),
      ),
    touch: (id, at) =>
      guard(async () => {
        await db.execute(
          sql`update ${keys} set last_used_at = greatest(last_used_at, ${at}::timestamptz)
            where id = ${id}`,
        );
      }),
  };
}

/** The project's row is held meanwhile: two keys of one source cannot be counted at once. */
async function createKey(tx: Tx, key: NewKey, nowMs: number): Promise<KeyRecord> {
  const found = await rowsOf(
    tx,
    sql`select id from ${projects} where id = ${key.projectId} for update`,
  );
  if (found.length === 0) throw new RefusedError("the project is unknown");
  if (key.kind === "write" && key.source !== undefined) {
    const [live] = await rowsOf<{ count: number }>(
      tx,
      sql`select count(*)::int as count from ${keys}
        where project_id = ${key.projectId} and kind = ${key.kind} and source = ${key.source}
          and revoked_at is null and (expires_at is null or expires_at > ${fromMs(nowMs)})`,
    );
    if ((live?.count ?? 0) >= MAX_LIVE_WRITE_KEYS) {
      throw new RefusedError(`the source already has ${MAX_LIVE_WRITE_KEYS} live write keys`);
    }
  }
  const [row] = await rowsOf<KeyRow>(
    tx,
    sql`insert into ${keys} (project_id, name, kind, scopes, source, profile, prefix, hash,
        created_at, expires_at)
      values (${key.projectId}, ${key.name}, ${key.kind}, ${array("text", key.scopes)},
        ${key.source ?? null}, ${key.profile ?? null}, ${key.prefix}, ${key.hash},
        ${fromMs(nowMs)}, ${key.expiresAt ?? null}::timestamptz)
      returning ${COLUMNS}`,
  );
  return toRecord(row as KeyRow);
}

function toRecord(row: KeyRow): KeyRecord {
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    kind: row.kind,
    scopes: row.scopes,
    source: row.source ?? undefined,
    profile: row.profile ?? undefined,
    prefix: row.prefix,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}
