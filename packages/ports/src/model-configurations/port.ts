import type { Rows, RowsRequest } from "../model-catalogue/port.ts";

/** A kind with its parameters under a name. Times are ISO 8601 UTC. */
export interface ModelConfiguration {
  id: number;
  project_id: number;
  /** Unique in its project. */
  name: string;
  kind: string;
  parameters: Readonly<Record<string, unknown>>;
  created_at: string;
  updated_at: string;
}

export type NewModelConfiguration = Omit<ModelConfiguration, "id" | "created_at" | "updated_at">;
export type ConfigurationChanges = Partial<Omit<NewModelConfiguration, "project_id">>;

/** Named configurations of all projects. */
export interface ModelConfigurations {
  /** Throws RefusedError: unknown project, or a name that is taken. */
  create(configuration: NewModelConfiguration): Promise<ModelConfiguration>;
  get(id: number): Promise<ModelConfiguration | undefined>;
  /** In the order of their ids. */
  list(request: RowsRequest): Promise<Rows<ModelConfiguration>>;
  /** Throws RefusedError for a name that is taken; undefined when there is none. */
  update(id: number, changes: ConfigurationChanges): Promise<ModelConfiguration | undefined>;
  /** Schedules that name it keep running with what their model was made from. */
  remove(id: number): Promise<boolean>;
}
