import type { KeyRingOptions } from "@signalpath/model-loader";
import type {
  Archive,
  ArchiveReader,
  Bus,
  Catalogue,
  EmbeddingProvider,
  ModelCatalogue,
  ModelFileReader,
  ModelFileWriter,
  Probe,
  RetrainingSchedules,
  TrainingDataStore,
  TrainingRuns,
} from "@signalpath/ports";
import type { Kit } from "@signalpath/service-kit";

export interface TrainerOptions {
  /** Threads that compute, 1 or more. */
  threads: number;
  /** What a training may allocate, and what its heap may grow to. */
  memoryLimitBytes: number;
  /** Rows of one training at most. */
  maxRows: number;
  /** Newest events of a person that are read at most. */
  maxEventsOfPerson: number;
  /** Time between two looks at the tables when nothing is heard, milliseconds. */
  pollMs: number;
  /** A run is this worker's for so long after each heartbeat, milliseconds. */
  leaseMs: number;
  /** Time between two heartbeats; also how late a cancellation is noticed, milliseconds. */
  heartbeatMs: number;
  /** Pauses before a store that is away is asked again, milliseconds. */
  retryPausesMs: readonly number[];
}

export const DEFAULT_OPTIONS: TrainerOptions = {
  threads: 1,
  memoryLimitBytes: 2 * 2 ** 30,
  maxRows: 5_000_000,
  maxEventsOfPerson: 2_000,
  pollMs: 5_000,
  leaseMs: 30_000,
  heartbeatMs: 1_000,
  retryPausesMs: [200, 1_000, 3_000],
};

/** What the trainer stands on. Nothing here is closed by it. */
export interface TrainerDeps {
  kit: Kit;
  version: string;
  /** Phase of the process, asked by `/readyz`. */
  state: () => "starting" | "running" | "draining";
  bus: Pick<Bus, "publish" | "hear" | "tell" | "onReconnect" | "check">;
  archive: Pick<Archive, "eventsOf" | "check">;
  reader: Pick<ArchiveReader, "owners">;
  catalogue: Pick<Catalogue, "get" | "changes">;
  /** Vectors made outside; absent = no training can ask for them. */
  embeddingProvider?: EmbeddingProvider | undefined;
  trainingRuns: TrainingRuns;
  trainingData: Pick<TrainingDataStore, "get" | "read">;
  modelCatalogue: ModelCatalogue;
  retrainingSchedules: RetrainingSchedules;
  /** Artefacts below MEDIA_ROOT. */
  modelFiles: { reader: ModelFileReader; writer: ModelFileWriter };
  /** Keys that sign and verify; handed to the training's thread. */
  signing: KeyRingOptions;
  /** Commit this was built from; absent where nothing tells. */
  gitVersion?: string;
  /** Further dependencies that `/readyz` names. */
  probes?: readonly Probe[];
  options?: Partial<TrainerOptions>;
}
