import {
  addObservations,
  compareCodePoints,
  emptyLearnerSums,
  joinLogged,
  observationsOf,
  type LoggedList,
  type Sha256,
  type UserKey,
} from "@signalpath/domain";

import type { Clock } from "../clock/port.ts";
import { assertId } from "../archive/storable.ts";
import { keysOf, splitErased } from "../experiment-events/memory-state.ts";
import type { KeptList, Learner, Learning, LearningRecorded, RankingMode } from "./port.ts";

/** The port, and what an erasure of the archive beside it calls. */
export interface MemoryLearning {
  learning: Learning;
  /** Forgets lists of these keys and ids of events for good. @returns rows removed. */
  eraseKeys(
    projectId: number,
    keys: readonly UserKey[],
    erasure: { atMs: number; eventIds: readonly string[] },
  ): number;
}

interface Row extends LoggedList {
  projectId: number;
  request_id: string;
  mode: RankingMode | null;
  occurred_at: string;
  keys: readonly UserKey[];
}

interface State {
  /** By project, request and unit; one of a request has the decision. */
  rows: Map<string, Row>;
  /** Place in `rows` of the decision, by project and request. */
  decided: Map<string, string>;
  learners: Map<number, Learner>;
  tombstones: Map<UserKey, number>;
  erasedIds: Set<string>;
}

/** One telling of one list. */
interface Told {
  request_id: string;
  unit: string;
  occurred_at: string;
  event_id: string;
  mode: RankingMode | null;
  list: LoggedList;
}

interface Context {
  state: State;
  sha256: Sha256;
  now: Clock;
}

/** Keeps what learners remember in the process: the rules in their plainest form. */
export function createMemoryLearning(options: { sha256: Sha256; now: Clock }): MemoryLearning {
  const state: State = {
    rows: new Map(),
    decided: new Map(),
    learners: new Map(),
    tombstones: new Map(),
    erasedIds: new Set(),
  };
  const ctx: Context = { state, ...options };
  // No await inside: every call is one step, as the transaction is.
  const learning: Learning = {
    recordDecisions: async (projectId, rows) => {
      const told = rows.map(({ decision, ...row }) => ({
        ...row,
        list: { decision, outcomes: {} },
      }));
      return record(ctx, projectId, told);
    },
    recordOutcomes: async (projectId, rows) => {
      for (const { unit } of rows) assertId("user_id", unit);
      if (!state.learners.has(projectId)) return { recorded: 0, observed: 0, erased: [] };
      const told = rows.map(({ item_id, outcome, ...row }) => ({
        ...row,
        mode: null,
        list: { decision: undefined, outcomes: { [item_id]: outcome } },
      }));
      return record(ctx, projectId, told);
    },
    learner: async (projectId) => structuredClone(state.learners.get(projectId)),
    learners: async () =>
      [...state.learners.values()]
        .toSorted((a, b) => a.project_id - b.project_id)
        .map((learner) => structuredClone(learner)),
    enable: async (projectId) => structuredClone(learnerOf(ctx, projectId)),
    setPolicy: async (projectId, policy) => {
      const changed_at = new Date(options.now()).toISOString();
      const learner = { ...learnerOf(ctx, projectId), policy: { ...policy, changed_at } };
      state.learners.set(projectId, learner);
      return structuredClone(learner);
    },
    kept: async (projectId, limit) =>
      [...state.rows.values()]
        .filter((row) => row.projectId === projectId && row.decision !== undefined)
        .toSorted(
          (a, b) =>
            compareCodePoints(b.occurred_at, a.occurred_at) ||
            compareCodePoints(b.request_id, a.request_id),
        )
        .slice(0, limit)
        .map(shown),
    prune: async ({ decided, undecided }) => {
      const old = [...state.rows].filter(
        ([, { decision, occurred_at }]) =>
          Date.parse(occurred_at) < (decision === undefined ? undecided : decided),
      );
      for (const [place] of old) forget(state, place);
      return old.length;
    },
    check: async () => undefined,
  };
  return { learning, eraseKeys: (...given) => erase(state, ...given) };
}

function learnerOf({ state, now }: Context, projectId: number): Learner {
  const known = state.learners.get(projectId);
  if (known !== undefined) return known;
  const at = new Date(now()).toISOString();
  const made: Learner = {
    project_id: projectId,
    policy: { mode: "static", model_id: null, forced: false, estimates: null, changed_at: at },
    sums: emptyLearnerSums(),
    decisions: 0,
    updated_at: at,
  };
  state.learners.set(projectId, made);
  return made;
}

function record(ctx: Context, projectId: number, told: readonly Told[]): LearningRecorded {
  const { state, sha256, now } = ctx;
  for (const { unit } of told) assertId("user_id", unit);
  const { kept, erased } = splitErased(state, { sha256, projectId }, told, ({ unit }) => unit);
  let { sums, decisions } = learnerOf(ctx, projectId);
  let recorded = 0;
  const before = sums.n;
  for (const one of kept) {
    const request = `${projectId}/${one.request_id}`;
    const keys = keysOf(sha256, projectId, one.unit);
    const place = `${request}/${keys[0]}`;
    // What others say of a list is not joined to it.
    if ((state.decided.get(request) ?? place) !== place) continue;
    const known = state.rows.get(place);
    const joined = joinLogged(known ?? { decision: undefined, outcomes: {} }, one.list);
    const isNews = known === undefined || JSON.stringify(pick(known)) !== JSON.stringify(joined);
    if (!isNews) continue;
    recorded += 1;
    if (known?.decision === undefined && joined.decision !== undefined) decisions += 1;
    if (known !== undefined) sums = addObservations(sums, observationsOf(known), -1);
    sums = addObservations(sums, observationsOf(joined));
    // When it was, the decision says; until then the first outcome does.
    const isTold = known === undefined || one.list.decision !== undefined;
    const occurred_at = isTold ? one.occurred_at : known.occurred_at;
    const mode = one.mode ?? known?.mode ?? null;
    const { request_id } = one;
    state.rows.set(place, { ...joined, projectId, request_id, mode, occurred_at, keys });
    if (joined.decision !== undefined) state.decided.set(request, place);
  }
  const updated_at = new Date(now()).toISOString();
  const learner = learnerOf(ctx, projectId);
  if (recorded > 0) state.learners.set(projectId, { ...learner, sums, decisions, updated_at });
  return { recorded, observed: Math.max(0, sums.n - before), erased };
}

function forget({ rows, decided }: State, place: string): void {
  const row = rows.get(place);
  rows.delete(place);
  if (row?.decision !== undefined) decided.delete(`${row.projectId}/${row.request_id}`);
}

const pick = ({ decision, outcomes }: LoggedList): LoggedList => ({ decision, outcomes });

function shown({ request_id, keys, mode, occurred_at, ...row }: Row): KeptList {
  return structuredClone({ request_id, user_key: keys[0]!, mode, occurred_at, ...pick(row) });
}

function erase(
  state: State,
  projectId: number,
  keys: readonly UserKey[],
  { atMs, eventIds }: { atMs: number; eventIds: readonly string[] },
): number {
  let removed = 0;
  const gone = new Set(keys);
  for (const [place, row] of state.rows) {
    if (!row.keys.some((key) => gone.has(key))) continue;
    forget(state, place);
    removed += 1;
  }
  for (const key of keys) {
    state.tombstones.set(key, Math.max(atMs, state.tombstones.get(key) ?? atMs));
  }
  for (const id of eventIds) state.erasedIds.add(`${projectId}/${id}`);
  return removed;
}
