import type { Rows, RowsRequest } from "../model-catalogue/port.ts";

/** One interaction of an upload. */
export interface TrainingRow {
  user_id: string;
  item_id: string;
  /** Finite, above 0; 1 when the file has no such column. */
  weight: number;
  /** Milliseconds since 1970: in all rows of an upload or in none. */
  time?: number;
}

/** An upload: stored whole, never changed. Times are ISO 8601 UTC. */
export interface TrainingData {
  id: number;
  project_id: number;
  filename: string;
  /** Columns of the file that were read: `user_id`, `item_id`, and `weight`, `timestamp` if there. */
  columns: string[];
  rows: number;
  /** Different ids. */
  users: number;
  items: number;
  /** SHA-256 of the rows in their order, 64 hex digits (`rowsDigest`): the same rows, the same digest. */
  digest: string;
  /** Times of the oldest and newest row; null without a timestamp column. */
  data_from: string | null;
  data_to: string | null;
  created_at: string;
}

export interface NewTrainingData {
  project_id: number;
  filename: string;
  columns: readonly string[];
}

/**
 * Uploaded interactions, kept in blocks of rows beside the catalogue, so that trainers anywhere can
 * read them and a backup of the database holds them.
 */
export interface TrainingDataStore {
  /**
   * Stores all batches or none: when `batches` throws, nothing of them remains and its error comes
   * through. Neither holds a transaction open nor more than one block in memory meanwhile.
   * @throws RefusedError for an unknown project; UnavailableError.
   */
  store(
    data: NewTrainingData,
    batches: AsyncIterable<readonly TrainingRow[]>,
  ): Promise<TrainingData>;
  get(id: number): Promise<TrainingData | undefined>;
  /** In the order of their ids. */
  list(request: RowsRequest): Promise<Rows<TrainingData>>;
  /** The project's newest upload. */
  newest(projectId: number): Promise<TrainingData | undefined>;
  /** Rows in their order, block by block; throws RefusedError when there is no such upload. */
  read(id: number): AsyncIterable<TrainingRow[]>;
  /** Deletes an upload and its rows; models trained on it keep its digest. False = not there. */
  remove(id: number): Promise<boolean>;
  check(): Promise<void>;
}
