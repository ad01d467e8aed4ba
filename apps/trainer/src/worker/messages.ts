import type { ModelMetadata } from "@signalpath/contracts";
import type { KeyRingOptions } from "@signalpath/model-loader";
import type {
  Comparison,
  Judgement,
  LiveComparison,
  LiveModel,
  Scores,
  SearchReport,
  SplitFacts,
} from "@signalpath/models";
import type { RunSpec, TrainingRow } from "@signalpath/ports";

/** All a training thread is told at its start. */
export interface TrainingJob {
  spec: Pick<RunSpec, "kind" | "parameters" | "tune" | "seed" | "split">;
  /** Threads that compute; 1 = the training thread alone. */
  threads: number;
  memoryLimitBytes: number;
  maxRows: number;
  signing: KeyRingOptions;
  /** What an earlier attempt had found out. */
  checkpoint: unknown;
  live?: LiveModel;
}

/** What is written down while a search goes on, so that another attempt need not do it again. */
export interface Checkpoint {
  /** Of the interactions; others make it worthless. */
  digest: string;
  scores: Scores;
}

/** What is known of the candidate from data it did not see; all of it follows from data and seed. */
export interface EvaluationReport extends Omit<Judgement, "each" | "metrics"> {
  split: SplitFacts;
  baselines: Record<string, Comparison>;
}

/** What came of a training. The model stays in its thread until it is asked to sign it. */
export interface Outcome {
  kind: string;
  parameters: Readonly<Record<string, unknown>>;
  metrics: Readonly<Record<string, number>>;
  evaluation?: EvaluationReport;
  search?: SearchReport;
  live?: LiveComparison;
  rows: number;
  users: number;
  items: number;
  /** SHA-256 of the interactions, hex. */
  digest: string;
  /** SHA-256 of the tensors, names and shapes: equal for equal models, whatever they are called. */
  tensorsSha256: string;
  dataFrom?: number;
  dataTo?: number;
}

export type Signing = Pick<ModelMetadata, "model_id" | "project_id" | "version" | "created_at"> & {
  data_digest: string;
  git_version?: string;
};

export type ToTraining =
  | { what: "rows"; rows: readonly TrainingRow[]; anonymous: boolean }
  | { what: "train" }
  | { what: "sign"; as: Signing };

export type FromTraining =
  | { what: "took" }
  | { what: "progress"; stage: string; fraction: number; checkpoint?: Checkpoint }
  | { what: "log"; level: "info" | "warn"; message: string }
  | { what: "trained"; outcome: Outcome }
  | { what: "signed"; bytes: Uint8Array; file: string; sha256: string }
  | { what: "failed"; code: string; message: string };
