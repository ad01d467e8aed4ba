/** A trained model as administrators know it: one id over all its versions. Times are ISO 8601 UTC. */
export interface TrainedModel {
  id: number;
  project_id: number;
  /** Unique among the live models of a project. */
  name: string;
  /** Kind that was asked for; `auto` leaves the choice to each training. */
  kind: string;
  /** Version that serves; null until one was registered and promoted. */
  version: number | null;
  /** Highest version that was ever registered; 0 = none. */
  last_version: number;
  created_at: string;
  updated_at: string;
}

export interface NewTrainedModel {
  project_id: number;
  /** Absent: `model <id>`. */
  name?: string;
  kind: string;
}

/** One artefact, for good: a version never changes once registered. */
export interface TrainedModelVersion {
  trained_model_id: number;
  project_id: number;
  /** From 1, without gaps. */
  version: number;
  /** Name of the scorer inside the artefact; never `auto`. */
  kind: string;
  /** Relative path below MEDIA_ROOT. */
  file: string;
  /** Of the whole file, 64 hex digits. */
  sha256: string;
  /** Size of the file. */
  bytes: number;
  parameters: Readonly<Record<string, unknown>>;
  metrics: Readonly<Record<string, unknown>>;
  /** Rows it was fitted on. */
  data_rows: number;
  /** SHA-256 of the training data, 64 hex digits. */
  data_digest: string;
  /** Times of the oldest and newest row it was fitted on; null when the rows have no time. */
  data_from: string | null;
  data_to: string | null;
  /** Version of the trainer's source. */
  git_version: string | null;
  /** Run that made it; null for an import. */
  training_run_id: number | null;
  created_at: string;
}

export type NewTrainedModelVersion = Omit<
  TrainedModelVersion,
  "project_id" | "training_run_id" | "created_at"
> & { project_id: number };

/** What the gateway compares an artefact with before it serves it. */
export type ServedModel = Pick<
  TrainedModelVersion,
  | "trained_model_id"
  | "project_id"
  | "version"
  | "kind"
  | "file"
  | "sha256"
  | "bytes"
  | "created_at"
>;

/** Why another version serves: a run or an import put it there, somebody chose it, or the model went. */
export type ServingCause = "run" | "import" | "promotion" | "roll_back" | "removal";

/** One change of what a model serves, kept for good. Knows of no person. */
export interface ServingChange {
  /** Rises with every change. */
  id: number;
  project_id: number;
  trained_model_id: number;
  changed_at: string;
  cause: ServingCause;
  /** What served before; null = nothing did. */
  from_version: number | null;
  /** What serves since; null = nothing does. */
  to_version: number | null;
  /** Run that made the version, when it put it there itself. */
  training_run_id: number | null;
  /** API key that asked for it; null where none was asked. */
  key_id: number | null;
}

/** Who asks for a change. */
export interface ChangedBy {
  key_id?: number | undefined;
}

/** How a page is asked for; `project_id` absent = all projects. At most 2,000 rows a page. */
export interface RowsRequest {
  project_id?: number;
  offset: number;
  limit: number;
}

export interface Rows<T> {
  /** Rows of all pages. */
  count: number;
  rows: T[];
}

/**
 * Trained models, their versions, and which version serves. The row decides: an artefact without a
 * row does not exist, and an older version serves again by `promote`.
 * Text or ids no row can hold throw RefusedError, a store that is away UnavailableError.
 */
export interface ModelCatalogue {
  /** Throws RefusedError: the project is unknown, or has a live model of this name. */
  create(model: NewTrainedModel): Promise<TrainedModel>;
  get(id: number): Promise<TrainedModel | undefined>;
  /** In the order of their ids. */
  list(request: RowsRequest): Promise<Rows<TrainedModel>>;
  /** Throws RefusedError for a name that is taken; undefined when there is no such model. */
  rename(id: number, name: string): Promise<TrainedModel | undefined>;
  /**
   * Adds a version whose file is written and synced; `serve` makes it the serving one at once.
   * @throws RefusedError unless `version` is `last_version + 1` of a live model of that project:
   * whoever lost the race for a number reads the model again.
   */
  register(
    version: NewTrainedModelVersion,
    options: { serve: boolean } & ChangedBy,
  ): Promise<TrainedModelVersion>;
  /** Makes a registered version the serving one, also an older one; undefined = no such version. */
  promote(id: number, version: number, by?: ChangedBy): Promise<TrainedModel | undefined>;
  /** Every change of the serving version, also of a removed model; newest first. */
  history(id: number, page: Pick<RowsRequest, "offset" | "limit">): Promise<Rows<ServingChange>>;
  version(id: number, version: number): Promise<TrainedModelVersion | undefined>;
  /** Newest first. */
  versions(
    id: number,
    page: Pick<RowsRequest, "offset" | "limit">,
  ): Promise<Rows<TrainedModelVersion>>;
  /**
   * Serving versions of these models (at most 2,000), in the order of their ids. Unknown and
   * removed models, and those without a serving version, are left out.
   */
  served(ids: readonly number[]): Promise<ServedModel[]>;
  /**
   * Takes a model away for good; its versions stay on record. False when it is not there.
   * Throws RefusedError while a slot names it or a run of it is under way.
   */
  remove(id: number, by?: ChangedBy): Promise<boolean>;
  check(): Promise<void>;
}
