import type {
  AssignmentRule,
  MetricDirection,
  MetricKind,
  RankingVariant,
} from "@signalpath/domain";

import type { Once } from "../experiment-events/port.ts";
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

/** How a project ranks for everybody who takes part in no experiment, as far as it was decided. */
export interface ProjectRanking {
  project_id: number;
  ranking: RankingVariant;
  /** Experiment whose variation it is; null = set by hand. */
  experiment_id: string | null;
  variation_index: number | null;
  updated_at: string;
}

/** What a promotion does, or throws to leave all as it is. `undefined` = rankings stay as they are. */
export type DecidePromotion = (
  current: Experiment,
  ranking: RankingVariant | undefined,
) => { variation_index: number; ranking: RankingVariant | undefined };

export interface Promoted {
  experiment: Experiment;
  /** The project's ranking afterwards. */
  ranking: ProjectRanking | null;
  /** The key stood for this very call before: nothing was written now. */
  replayed: boolean;
}

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
  /**
   * A running experiment stops, and the ranking that was decided becomes the project's: both or
   * nothing. Undefined when there is none; rethrows what `decide` throws.
   * @throws KeyReusedError `once.key` stands for another request.
   */
  promote(id: string, decide: DecidePromotion, once?: Once): Promise<Promoted | undefined>;
  /** Rankings that were decided for whole projects, in the order of the projects. */
  rankings(request: RowsRequest): Promise<Rows<ProjectRanking>>;
  /** Sets a project's ranking by hand; null takes it away. Throws RefusedError: unknown project. */
  setRanking(projectId: number, ranking: RankingVariant | null): Promise<ProjectRanking | null>;
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
