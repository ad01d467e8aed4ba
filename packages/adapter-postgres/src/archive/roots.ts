import { sql } from "drizzle-orm";

import {
  proposedLinks,
  subjectKey,
  type Sha256,
  type SignalEvent,
  type UserKey,
} from "@signalpath/domain";

import { rowsOf, type Tx } from "../db.ts";
import { identityLinks } from "../schema/identity.ts";
import { array } from "../sql-parts.ts";

/** Keys by project. */
export type NamedKeys = Map<number, Set<UserKey>>;
/** Root of every linked key, by project; a key that is absent is its own root. */
export type Roots = Map<number, Map<UserKey, UserKey>>;

/** Adds every identity that these events name: their subjects and both ends of their links. */
export function nameKeys(
  sha256: Sha256,
  events: readonly SignalEvent[],
  named: NamedKeys = new Map(),
): NamedKeys {
  for (const event of events) {
    const keys = named.get(event.project_id) ?? new Set();
    named.set(event.project_id, keys);
    const subject = subjectKey(sha256, event);
    if (subject !== undefined) keys.add(subject);
    for (const { from, to } of proposedLinks(sha256, event)) keys.add(from).add(to);
  }
  return named;
}

/** Reads the roots of all named keys that are linked. */
export async function readRoots(tx: Tx, named: NamedKeys): Promise<Roots> {
  const roots: Roots = new Map();
  const projects: number[] = [];
  const keys: UserKey[] = [];
  for (const [projectId, wanted] of named) {
    roots.set(projectId, new Map());
    for (const key of wanted) {
      projects.push(projectId);
      keys.push(key);
    }
  }
  const rows = await rowsOf<{ project_id: number; from_key: UserKey; root_key: UserKey }>(
    tx,
    sql`select l.project_id, l.from_key, l.root_key
      from unnest(${array("int", projects)}, ${array("text", keys)}) as n(project_id, key)
      join ${identityLinks} l on l.project_id = n.project_id and l.from_key = n.key`,
  );
  for (const row of rows) roots.get(row.project_id)?.set(row.from_key, row.root_key);
  return roots;
}

export function rootOf(roots: Roots, projectId: number, key: UserKey): UserKey {
  return roots.get(projectId)?.get(key) ?? key;
}
