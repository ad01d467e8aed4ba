import type { NewTrainedModelVersion, Rows, RowsRequest } from "../model-catalogue/port.ts";

export const RUN_STATUSES = ["PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Where a run takes its rows from: the archive of the project, or an upload. */
export type RunSource = "archive" | "training_data";

/** What a run is to do. Nothing in it changes after the request. */
export interface RunSpec {
  source: RunSource;
  /** Upload to read; null when the source is the archive. */
  training_data_id: number | null;
  /** Name of a scorer, or `auto`. */
  kind: string;
  parameters: Readonly<Record<string, unknown>>;
  /** Null: the parameters as given. `seconds` ends the search early. */
  tune: { trials: number; seconds?: number } | null;
  seed: number;
  split: "time" | "leave-last-n" | "random" | "none";
  /**
   * `always`: the new version serves when it is registered. `better`: only when it beats the serving
   * one on the same split by more than its interval, or none serves. `manual`: never by itself.
   */
  promotion: "always" | "better" | "manual";
}

export type RunTrigger = "create" | "retrain" | "schedule" | "cli";

/** A training as a row. Times are ISO 8601 UTC, null until they are. */
export interface TrainingRun {
  id: number;
  project_id: number;
  trained_model_id: number;
  trigger: RunTrigger;
  /** Schedule that asked for it. */
  retraining_schedule_id: number | null;
  spec: RunSpec;
  status: RunStatus;
  /** Share that is done, 0..1. */
  progress: number;
  /** What it is doing: `reading`, `tuning`, `evaluating`, `fitting`, `writing`; null before. */
  stage: string | null;
  /** How often it was claimed; more than one: a worker died. */
  attempt: number;
  worker: string | null;
  /** Version it made. */
  version: number | null;
  metrics: Readonly<Record<string, unknown>>;
  data_rows: number | null;
  data_digest: string | null;
  /** Stable code and text of a failure: `WORKER_LOST`, `NO_DATA`, ... */
  error_code: string | null;
  error: string | null;
  created_at: string;
  started_at: string | null;
  heartbeat_at: string | null;
  finished_at: string | null;
}

export interface NewTrainingRun {
  trained_model_id: number;
  trigger: RunTrigger;
  retraining_schedule_id?: number;
  spec: RunSpec;
}

/** A run that is this worker's until `until`. */
export interface RunLease {
  run: TrainingRun;
  /** Proof of this claim; a later claim of the same run has another. */
  token: string;
  /** Milliseconds since 1970. */
  until: number;
  /** What the last worker saved with a heartbeat; null at the first attempt, or when it saved nothing. */
  checkpoint: unknown;
}

export type LeaseProof = Pick<RunLease, "token"> & { run: Pick<TrainingRun, "id"> };

export interface RunProgress {
  /** Never goes back within an attempt. */
  progress: number;
  stage: string;
  /** JSON from which another worker can go on, at most 256 kB; absent = the last one stays. */
  checkpoint?: unknown;
}

export interface RunLogLine {
  /** From 1 within a run; also the cursor. */
  sequence: number;
  logged_at: string;
  level: "info" | "warn" | "error";
  message: string;
}

/** What a finished run hands over; the version is registered in the same transaction. */
export interface RunResult {
  version: NewTrainedModelVersion;
  /** The new version serves from now on. */
  serve: boolean;
  metrics: Readonly<Record<string, unknown>>;
}

/** Claims of one run before it is given up as `WORKER_LOST`. */
export const MAX_RUN_ATTEMPTS = 3;
/** Lines kept of one run; more are dropped. */
export const MAX_RUN_LOG_LINES = 2_000;

/**
 * Trainings of all projects: a queue that is a table. A run belongs to whoever claimed it while its
 * lease lasts; a project has one RUNNING run at most. A worker that died is noticed when its lease
 * ends: the next `claim` goes on with the run, or fails it after `MAX_RUN_ATTEMPTS`.
 * Every call with a lease answers false (and changes nothing) when the lease is no longer this
 * worker's: it was claimed anew, cancelled or finished. Workers stop then. Clocks of workers must
 * agree to well below a lease.
 */
export interface TrainingRuns {
  /** Throws RefusedError when the model is unknown, or the upload is none of its project. */
  request(run: NewTrainingRun): Promise<TrainingRun>;
  /**
   * Takes the oldest run that waits in a project where none runs, or one whose lease ended.
   * @param options.project_id absent = any project.
   * @param options.run_id only this run, if it can be had.
   */
  claim(options: {
    worker: string;
    lease_ms: number;
    project_id?: number;
    run_id?: number;
  }): Promise<RunLease | undefined>;
  /** Keeps the lease for another `lease_ms` and says how far the run is. */
  heartbeat(lease: LeaseProof, options: RunProgress & { lease_ms: number }): Promise<boolean>;
  /** Adds log lines. */
  log(lease: LeaseProof, lines: readonly Omit<RunLogLine, "sequence">[]): Promise<boolean>;
  /**
   * COMPLETED, its version registered, both or nothing.
   * @throws RefusedError what `ModelCatalogue.register` throws.
   */
  complete(lease: LeaseProof, result: RunResult): Promise<boolean>;
  /** FAILED for good; what serves stays. */
  fail(lease: LeaseProof, failure: { error_code: string; error: string }): Promise<boolean>;
  /** Gives the run back, to be claimed again at once; the attempt does not count. For a shutdown. */
  release(lease: LeaseProof): Promise<boolean>;
  /** CANCELLED unless it is over already; undefined when there is no such run. */
  cancel(id: number): Promise<TrainingRun | undefined>;
  get(id: number): Promise<TrainingRun | undefined>;
  /** Newest first. */
  list(
    request: RowsRequest & { trained_model_id?: number; status?: RunStatus },
  ): Promise<Rows<TrainingRun>>;
  /** Newest run of each of these models. */
  latestOf(modelIds: readonly number[]): Promise<TrainingRun[]>;
  /** Lines after a sequence, in order; at most 2,000. */
  logs(id: number, options: { after: number; limit: number }): Promise<RunLogLine[]>;
  check(): Promise<void>;
}
