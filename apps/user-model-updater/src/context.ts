import type {
  ContentLookup,
  EmbeddingSpace,
  Sha256,
  SignalEvent,
  TagLabels,
  UserSignals,
} from "@signalpath/domain";
import type {
  Archive,
  ArchiveReader,
  Bus,
  Clock,
  ContentStore,
  DeadLetters,
  EventBuffer,
  ItemStats,
  UserModelStore,
} from "@signalpath/ports";
import type { FeatureEvaluator } from "@signalpath/feature-registry";
import type { ContentFeed, HeaderValues, Logger, Tracing } from "@signalpath/service-kit";

import type { Announcer } from "./announce.ts";
import type { Backlog } from "./backlog.ts";
import type { Moves } from "./move-links.ts";
import type { Outage } from "./outage.ts";
import type { Progress } from "./progress.ts";
import type { Meters } from "./meters.ts";
import type { SavedVersions } from "./saved-versions.ts";
import type { UpdateTeller } from "./tell-updates.ts";

/** Package name of the app: its name in dead letters, durables and logs. */
export const APP = "user-model-updater";

/** The fold from events to a model. */
export type BuildSignals = (
  events: readonly SignalEvent[],
  content: ContentLookup,
  tagLabels: TagLabels,
  space?: EmbeddingSpace,
) => UserSignals;

/** Numbers a deployment or a test may change. */
export interface UpdaterOptions {
  /** Largest batch of signals. */
  maxBatch: number;
  /** Batches at one time. */
  concurrency: number;
  /** People refreshed at one time within a batch. */
  peopleAtOnce: number;
  /** Pauses before the next attempt, milliseconds; the last one repeats. */
  pausesMs: readonly number[];
  /** The same where a store failed, not the message: short, since such attempts have no end. */
  downPausesMs: readonly number[];
  /** Pause between two looks at a store that is down, milliseconds. */
  probeMs: number;
  /** So long work is held for a store that is down; then it is given back, milliseconds. */
  holdMs: number;
  /** Passes the pause between two such looks; whoever drives the updater step by step gives its own. */
  sleep(ms: number): Promise<void>;
  /** An event whose handler failed this often goes to the dead letters. */
  maxAttempts: number;
  /** Delivered more often without an answer from here, a message is worked on alone. */
  suspectAfter: number;
  /** Pause between two computations of the neighbour table, milliseconds. */
  neighboursIntervalMs: number;
  /** How often `applied_at` is written, and a failed catch-up repeated, milliseconds. */
  beatMs: number;
  /** Finished moves and saved versions remembered, each. */
  remembered: number;
}

export const DEFAULT_OPTIONS: UpdaterOptions = {
  maxBatch: 500,
  concurrency: 2,
  peopleAtOnce: 16,
  pausesMs: [1_000, 5_000, 30_000],
  downPausesMs: [250, 1_000, 2_000, 5_000],
  probeMs: 250,
  holdMs: 30_000,
  sleep: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms).unref();
    }),
  maxAttempts: 5,
  suspectAfter: 3,
  neighboursIntervalMs: 60_000,
  beatMs: 1_000,
  remembered: 100_000,
};

/** What every verb of this app works with. */
export interface Context {
  archive: Archive;
  reader: ArchiveReader;
  deadLetters: DeadLetters;
  itemStats: ItemStats;
  buffer: EventBuffer;
  models: UserModelStore;
  /** Profile features; undefined = this updater computes none. */
  features: FeatureEvaluator | undefined;
  bus: Bus;
  content: Pick<ContentStore, "get" | "tagKeys">;
  feed: Pick<ContentFeed, "version" | "catchUp" | "check" | "space">;
  build: BuildSignals;
  sha256: Sha256;
  now: Clock;
  logger: Logger;
  meters: Meters;
  tracing: Tracing;
  /** Trace of the message or request that is worked on; none outside of any. */
  traceHeaders: HeaderValues;
  backlog: Backlog;
  moves: Moves;
  saved: SavedVersions;
  progress: Progress;
  outage: Outage;
  announcer: Announcer;
  live: UpdateTeller;
  options: UpdaterOptions;
}
