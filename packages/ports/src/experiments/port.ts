import type {
  AssignmentRule,
  MetricDirection,
  MetricKind,
  RankingVariant,
} from "@signalpath/domain";

import type { Rows, RowsRequest } from "../model-catalogue/port.ts";

export type ExperimentStatus = "draft" | "running" | "stopped" | "archived";

export interface Variation {
  /** 0 is the control. */
  index: number;
  name: string;
  /** Fraction of the traffic. */
  weight: number;
  /** How the recommender ranks for its users; absent = as for everybody. */
  ranking?: RankingVariant | undefined;
}

export interface ExperimentMetric {
  name: string;
  kind: MetricKind;
  direction: MetricDirection;
  /** Watched, outside the correction for many comparisons. */
  guardrail: boolean;
  /** Metric of the conversions; the name when absent. */
  numerator?: string | undefined;
  /** Ratio only. */
  denominator?: string | undefined;
  window_hours?: number | undefined;
  /** Conversions this long before the exposure adjust the comparison. */
  pre_exposure_hours?: number | undefined;
}

/** What somebody decides about an experiment. */
export interface ExperimentDefinition {
  name: string;
  variations: Variation[];
  hash_seed: string;
  hash_version: number;
  /** 0..1. */
  coverage: number;
  namespace: NonNullable<AssignmentRule["namespace"]> | null;
  conversion_window_hours: number;
  metrics: ExperimentMetric[];
}

/** Times are ISO 8601 UTC. */
export interface Experiment extends ExperimentDefinition {
  id: string;
  project_id: number;
  status: ExperimentStatus;
  created_at: string;
  updated_at: string;
  /** When it first ran. */
  started_at: string | null;
  /** When it last ended; null while it runs. */
  stopped_at: string | null;
}

export interface NewExperiment extends ExperimentDefinition {
  id: string;
  project_id: number;
  status: "draft" | "running";
}

/** Answers what is to be stored, or throws to leave all as it is. */
export type ChangeExperiment = (
  current: Experiment,
) => Partial<ExperimentDefinition> & { status?: ExperimentStatus };

/** Experiments of all projects. None is ever removed. */
export interface Experiments {
  /** Throws RefusedError: unknown project, a taken id. */
  create(experiment: NewExperiment): Promise<Experiment>;
  get(id: string): Promise<Experiment | undefined>;
  /** Newest first. */
  list(request: RowsRequest & { status?: ExperimentStatus }): Promise<Rows<Experiment>>;
  /**
   * Changes one experiment as nobody else does at the same time. The times of its first start and
   * its last end follow from the status. Undefined when there is none; rethrows what `change` throws.
   */
  update(id: string, change: ChangeExperiment): Promise<Experiment | undefined>;
  check(): Promise<void>;
}

/** Times of an experiment after its status changed. */
export function timesAfter(
  { status, started_at, stopped_at }: Pick<Experiment, "status" | "started_at" | "stopped_at">,
  next: ExperimentStatus,
  at: string,
): Pick<Experiment, "started_at" | "stopped_at"> {
  if (next === status) return { started_at, stopped_at };
  if (next === "running") return { started_at: started_at ?? at, stopped_at: null };
  if (status === "running") return { started_at, stopped_at: at };
  return { started_at, stopped_at };
}
