import { sql } from "drizzle-orm";

import {
  addObservations,
  compareCodePoints,
  joinLogged,
  observationsOf,
  type LearnerSums,
  type ListDecision,
  type LoggedList,
} from "@signalpath/domain";
import type { RankingMode } from "@signalpath/ports";

import { rowsOf, type Tx } from "../db.ts";
import type { Keys } from "../experiments/record.ts";
import { learners, servedLists } from "../schema/learning.ts";
import { array, fromMs, isoTime, tableOf } from "../sql-parts.ts";
import { json } from "../training/rows-page.ts";

/** One telling of one list: its decision, or an outcome of one of its items. */
export interface Told {
  request_id: string;
  unit: string;
  occurred_at: string;
  event_id: string;
  mode: RankingMode | null;
  list: LoggedList;
}

interface Row {
  request_id: string;
  mode: RankingMode | null;
  occurred_at: string;
  user_key: string;
  anonymous_key: string;
  decision: ListDecision | null;
  outcomes: LoggedList["outcomes"];
}

const listOf = ({ decision, outcomes }: Row): LoggedList => ({
  decision: decision ?? undefined,
  outcomes,
});

/**
 * Joins tellings to the lists there are, and moves the sums by what that changed. The learner's row
 * is locked first: writers of one project follow each other, so that no impression counts twice.
 */
export async function joinLists(
  tx: Tx,
  projectId: number,
  told: readonly Told[],
  { keysOf, nowMs }: { keysOf: (unit: string) => Keys; nowMs: number },
): Promise<{ recorded: number; observed: number }> {
  const [learner] = await rowsOf<{ sums: LearnerSums; decisions: number }>(
    tx,
    sql`select sums, decisions from ${learners} where project_id = ${projectId} for update`,
  );
  if (learner === undefined) return { recorded: 0, observed: 0 };
  const units = told.map(({ unit }) => keysOf(unit).user);
  const { rows, decided } = await readLists(tx, projectId, told, units);
  const changed = new Set<string>();
  const settled: string[] = [];
  let { sums, decisions } = learner;
  let recorded = 0;
  for (const [at, one] of told.entries()) {
    const { request_id } = one;
    const place = placeOf(request_id, units[at]!);
    // What others say of a list is not joined to it.
    if ((decided.get(request_id) ?? place) !== place) continue;
    const known = rows.get(place);
    const before = known === undefined ? NOTHING : listOf(known);
    const joined = joinLogged(before, one.list);
    if (known !== undefined && isSame(before, joined)) continue;
    recorded += 1;
    changed.add(place);
    if (before.decision === undefined && joined.decision !== undefined) {
      decisions += 1;
      decided.set(request_id, place);
      settled.push(request_id);
    }
    sums = addObservations(sums, observationsOf(before), -1);
    sums = addObservations(sums, observationsOf(joined));
    rows.set(place, rowOf(one, known, joined, keysOf));
  }
  const written = [...changed].map((place) => rows.get(place)!);
  if (written.length > 0) {
    await writeLists(tx, projectId, written);
    await removeWaiting(tx, projectId, settled);
    await tx.execute(
      sql`update ${learners} set sums = ${json(sums)}, decisions = ${decisions}::int,
        updated_at = ${fromMs(nowMs)} where project_id = ${projectId}`,
    );
  }
  return { recorded, observed: Math.max(0, sums.n - learner.sums.n) };
}

const NOTHING: LoggedList = { decision: undefined, outcomes: {} };

/** A decision never changes, so only whether there is one can differ. */
function isSame(a: LoggedList, b: LoggedList): boolean {
  if ((a.decision === undefined) !== (b.decision === undefined)) return false;
  const [own, others] = [Object.entries(a.outcomes), b.outcomes];
  return (
    own.length === Object.keys(others).length &&
    own.every(([id, { shown, reactions }]) => {
      const other = Object.hasOwn(others, id) ? others[id] : undefined;
      return other?.shown === shown && other.reactions === reactions;
    })
  );
}

/** When the list was, the decision says; until then the first outcome does. */
function rowOf(
  { request_id, unit, occurred_at, mode, list }: Told,
  known: Row | undefined,
  { decision, outcomes }: LoggedList,
  keysOf: (unit: string) => Keys,
): Row {
  const parts = { request_id, decision: decision ?? null, outcomes };
  if (known !== undefined && list.decision === undefined) return { ...known, ...parts };
  const { user: user_key, anonymous: anonymous_key } = keysOf(unit);
  return { ...parts, mode: mode ?? known?.mode ?? null, occurred_at, user_key, anonymous_key };
}

/** Names a row; keys of units have no slash. */
function placeOf(requestId: string, userKey: string): string {
  return `${userKey}/${requestId}`;
}

/** Rows of these units and those with a decision: what other units said is not read. */
async function readLists(
  tx: Tx,
  projectId: number,
  told: readonly Told[],
  units: readonly string[],
): Promise<{ rows: Map<string, Row>; decided: Map<string, string> }> {
  const ids = [...new Set(told.map(({ request_id }) => request_id))];
  const found = await rowsOf<Row>(
    tx,
    sql`select request_id, mode, user_key, anonymous_key, decision, outcomes,
        ${isoTime(servedLists.occurredAt)} as occurred_at
      from ${servedLists}
      where project_id = ${projectId} and request_id = any(${array("text", ids)})
        and (decision is not null or user_key = any(${array("text", [...new Set(units)])}))`,
  );
  const rows = new Map(found.map((row) => [placeOf(row.request_id, row.user_key), row]));
  const decided = found
    .filter(({ decision }) => decision !== null)
    .map(({ request_id, user_key }) => [request_id, placeOf(request_id, user_key)] as const);
  return { rows, decided: new Map(decided) };
}

/** Whose these requests were is known now: what others said of them goes. */
async function removeWaiting(tx: Tx, projectId: number, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.execute(
    sql`delete from ${servedLists} where project_id = ${projectId}
      and request_id = any(${array("text", ids)}) and decision is null`,
  );
}

async function writeLists(tx: Tx, projectId: number, rows: readonly Row[]): Promise<void> {
  const ordered = rows.toSorted(
    (a, b) =>
      compareCodePoints(a.request_id, b.request_id) || compareCodePoints(a.user_key, b.user_key),
  );
  const table = tableOf("g", ordered, {
    request_id: ["text", (row) => row.request_id],
    mode: ["text", (row) => row.mode],
    occurred_at: ["timestamptz", (row) => row.occurred_at],
    user_key: ["text", (row) => row.user_key],
    anonymous_key: ["text", (row) => row.anonymous_key],
    decision: ["text", (row) => (row.decision === null ? null : JSON.stringify(row.decision))],
    outcomes: ["text", (row) => JSON.stringify(row.outcomes)],
  });
  await tx.execute(
    sql`insert into ${servedLists} (project_id, request_id, mode, occurred_at, user_key,
        anonymous_key, decision, outcomes)
      select ${projectId}::int, request_id, mode, occurred_at, user_key, anonymous_key,
        decision::jsonb, outcomes::jsonb
      from ${table} order by request_id collate "C", user_key collate "C"
      on conflict (project_id, request_id, user_key) do update set mode = excluded.mode,
        occurred_at = excluded.occurred_at, decision = excluded.decision,
        outcomes = excluded.outcomes`,
  );
}
