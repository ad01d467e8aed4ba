import { isoNow, pageOf, PAGE, type MemoryTrainingState } from "../model-catalogue/memory-state.ts";
import { registerVersion } from "../model-catalogue/memory.ts";
import { addRun } from "./memory-request.ts";
import {
  MAX_RUN_ATTEMPTS,
  MAX_RUN_LOG_LINES,
  type LeaseProof,
  type RunLease,
  type RunStatus,
  type TrainingRun,
  type TrainingRuns,
} from "./port.ts";

type KeptRun = MemoryTrainingState["runs"] extends Map<number, infer Kept> ? Kept : never;
type Claim = Parameters<TrainingRuns["claim"]>[0];

/** Keeps runs in the process. `newToken` makes proofs of claims. */
export function createMemoryTrainingRuns(
  state: MemoryTrainingState,
  { newToken }: { newToken: () => string },
): TrainingRuns {
  const { runs } = state;
  const all = (): TrainingRun[] => [...runs.values()].map(({ run }) => run);
  return {
    request: async (wish) => structuredClone(addRun(state, wish)),
    claim: async (options) => claim(state, options, newToken),
    ...leased(state),
    cancel: async (id) => {
      const kept = runs.get(id);
      if (kept === undefined) return undefined;
      if (isOpen(kept.run)) finish(state, kept, "CANCELLED", {});
      return structuredClone(kept.run);
    },
    get: async (id) => structuredClone(runs.get(id)?.run),
    list: async ({ trained_model_id, status, ...request }) =>
      pageOf(
        all()
          .toReversed()
          .filter(
            (run) =>
              (trained_model_id === undefined || run.trained_model_id === trained_model_id) &&
              (status === undefined || run.status === status),
          ),
        request,
      ),
    latestOf: async (modelIds) =>
      structuredClone(
        [...new Set(modelIds)]
          .sort((a, b) => a - b)
          .flatMap((id) => all().findLast((run) => run.trained_model_id === id) ?? []),
      ),
    logs: async (id, { after, limit }) =>
      structuredClone(
        (runs.get(id)?.lines ?? [])
          .filter(({ sequence }) => sequence > after)
          .slice(0, Math.min(limit, PAGE)),
      ),
    check: async () => undefined,
  };
}

/** Calls of whoever holds a run. */
function leased(
  state: MemoryTrainingState,
): Pick<TrainingRuns, "heartbeat" | "log" | "complete" | "fail" | "release"> {
  const held = ({ run, token }: LeaseProof): KeptRun | undefined => {
    const kept = state.runs.get(run.id);
    return kept?.run.status === "RUNNING" && kept.token === token ? kept : undefined;
  };
  return {
    heartbeat: async (lease, { lease_ms, progress, stage, checkpoint }) => {
      const kept = held(lease);
      if (kept === undefined) return false;
      kept.until = state.now() + lease_ms;
      if (checkpoint !== undefined) kept.checkpoint = structuredClone(checkpoint);
      kept.run.progress = Math.max(kept.run.progress, progress);
      Object.assign(kept.run, { stage, heartbeat_at: isoNow(state) });
      return true;
    },
    log: async (lease, lines) => {
      const kept = held(lease);
      if (kept === undefined) return false;
      for (const line of lines) {
        if (kept.lines.length === MAX_RUN_LOG_LINES) break;
        kept.lines.push({ ...line, sequence: kept.lines.length + 1 });
      }
      return true;
    },
    complete: async (lease, { version, serve, metrics }) => {
      const kept = held(lease);
      if (kept === undefined) return false;
      registerVersion(state, version, { serve, runId: kept.run.id });
      finish(state, kept, "COMPLETED", {
        progress: 1,
        version: version.version,
        metrics: structuredClone(metrics),
        data_rows: version.data_rows,
        data_digest: version.data_digest,
      });
      return true;
    },
    fail: async (lease, failure) => {
      const kept = held(lease);
      if (kept === undefined) return false;
      finish(state, kept, "FAILED", failure);
      return true;
    },
    release: async (lease) => {
      const kept = held(lease);
      if (kept === undefined) return false;
      kept.token = undefined;
      kept.run.attempt -= 1;
      Object.assign(kept.run, { status: "PENDING", worker: null });
      return true;
    },
  };
}

function claim(
  state: MemoryTrainingState,
  { worker, lease_ms, project_id, run_id }: Claim,
  newToken: () => string,
): RunLease | undefined {
  const now = state.now();
  for (const kept of state.runs.values()) {
    if (kept.run.status !== "RUNNING" || kept.until > now) continue;
    if (kept.run.attempt < MAX_RUN_ATTEMPTS) kept.run.status = "PENDING";
    else finish(state, kept, "FAILED", LOST);
  }
  const busy = new Set(
    [...state.runs.values()]
      .filter(({ run }) => run.status === "RUNNING")
      .map(({ run }) => run.project_id),
  );
  const kept = [...state.runs.values()].find(
    ({ run }) =>
      run.status === "PENDING" &&
      !busy.has(run.project_id) &&
      (project_id === undefined || run.project_id === project_id) &&
      (run_id === undefined || run.id === run_id),
  );
  if (kept === undefined) return undefined;
  const at = isoNow(state);
  kept.token = newToken();
  kept.until = now + lease_ms;
  kept.run.attempt += 1;
  kept.run.started_at ??= at;
  Object.assign(kept.run, { status: "RUNNING", worker, progress: 0, heartbeat_at: at });
  const { run, token, until, checkpoint } = kept;
  return structuredClone({ run, token, until, checkpoint });
}

const LOST = { error_code: "WORKER_LOST", error: "its workers died" };

function isOpen({ status }: TrainingRun): boolean {
  return status === "PENDING" || status === "RUNNING";
}

function finish(
  state: MemoryTrainingState,
  kept: KeptRun,
  status: RunStatus,
  changes: Partial<TrainingRun>,
): void {
  kept.token = undefined;
  kept.checkpoint = null;
  Object.assign(kept.run, changes, { status, finished_at: isoNow(state) });
}
