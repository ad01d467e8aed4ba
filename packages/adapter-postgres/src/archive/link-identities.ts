import { sql } from "drizzle-orm";

import { proposedLinks, type ProposedLink, type Sha256, type UserKey } from "@signalpath/domain";
import { decideLinks } from "@signalpath/ports";

import type { Tx } from "../db.ts";
import { lockLinks } from "../locks.ts";
import { identityLinks } from "../schema/identity.ts";
import { array, fromMs } from "../sql-parts.ts";
import type { Entry } from "./entries.ts";
import { readRoots, type NamedKeys, type Roots } from "./roots.ts";

/**
 * Decides the links that inserted events propose. Costs nothing when all of them are known;
 * otherwise one project decides at a time, on what the one before committed.
 *
 * @returns roots of all named keys after the decision, and how many links closed a circle.
 */
export async function linkIdentities(
  tx: Tx,
  context: { sha256: Sha256; nowMs: number; named: NamedKeys; roots: Roots },
  inserted: readonly Entry[],
): Promise<{ roots: Roots; circles: number }> {
  const { sha256, nowMs, named, roots: seen } = context;
  const proposed = new Map<number, ProposedLink[]>();
  for (const { event } of inserted) {
    const fresh = proposedLinks(sha256, event).filter(
      ({ from }) => seen.get(event.project_id)?.has(from) !== true,
    );
    if (fresh.length === 0) continue;
    proposed.set(event.project_id, [...(proposed.get(event.project_id) ?? []), ...fresh]);
  }
  if (proposed.size === 0) return { roots: seen, circles: 0 };
  await lockLinks(tx, [...proposed.keys()]);
  const roots = await readRoots(tx, named);
  let circles = 0;
  for (const [projectId, links] of proposed) {
    const known = roots.get(projectId) ?? new Map<UserKey, UserKey>();
    const decision = decideLinks(links, known);
    circles += decision.circles;
    await insertLinks(tx, { projectId, nowMs, roots: known }, decision.accepted);
  }
  return { roots, circles };
}

async function insertLinks(
  tx: Tx,
  {
    projectId,
    nowMs,
    roots,
  }: { projectId: number; nowMs: number; roots: ReadonlyMap<UserKey, UserKey> },
  accepted: readonly { from: UserKey; to: UserKey }[],
): Promise<void> {
  if (accepted.length === 0) return;
  const froms = array(
    "text",
    accepted.map(({ from }) => from),
  );
  const tos = array(
    "text",
    accepted.map(({ to }) => to),
  );
  const ends = array(
    "text",
    accepted.map(({ from, to }) => roots.get(from) ?? to),
  );
  await tx.execute(
    sql`insert into ${identityLinks} (project_id, from_key, to_key, root_key, linked_at)
      select ${projectId}::int, l.from_key, l.to_key, l.root_key, ${fromMs(nowMs)}
      from unnest(${froms}, ${tos}, ${ends}) as l(from_key, to_key, root_key)
      order by l.from_key collate "C"`,
  );
  // What followed a root that is linked now follows its new root. The lock above orders these rows.
  await tx.execute(
    sql`update ${identityLinks} l set root_key = n.root_key
      from unnest(${froms}, ${ends}) as n(from_key, root_key)
      where l.project_id = ${projectId} and l.root_key = n.from_key`,
  );
}
