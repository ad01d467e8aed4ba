import { randomUUID } from "node:crypto";

import {
  createPostgresAbTests,
  createPostgresArchive,
  createPostgresArchiveReader,
  createPostgresCatalogue,
  createPostgresDeadLetters,
  createPostgresExperimentEvents,
  createPostgresExperiments,
  createPostgresItemStats,
  createPostgresKeys,
  createPostgresLearning,
  createPostgresProjects,
  createPostgresRankingRules,
  createPostgresTraining,
  migrate,
  openPglite,
  openPostgres,
  type OpenDb,
} from "@signalpath/adapter-postgres";
import {
  createMemoryAbTests,
  createMemoryArchive,
  createMemoryCatalogue,
  createMemoryDeadLetters,
  createMemoryExperimentEvents,
  createMemoryExperiments,
  createMemoryKeys,
  createMemoryLearning,
  createMemoryProjects,
  createMemoryRankingRules,
  createMemoryTraining,
  type AbTests,
  type Archive,
  type ArchiveReader,
  type Catalogue,
  type DeadLetters,
  type ExperimentEvents,
  type Experiments,
  type ItemStats,
  type Keys,
  type Learning,
  type Projects,
  type RankingRules,
  type TrainingStores,
} from "@signalpath/ports";

import { isProduction, type BackendSettings, type Opening } from "./opening.ts";

/** Everything that is a table. */
export interface Stores extends TrainingStores {
  archive: Archive;
  reader: ArchiveReader;
  itemStats: ItemStats;
  catalogue: Catalogue;
  deadLetters: DeadLetters;
  keys: Keys;
  projects: Projects;
  rankingRules: RankingRules;
  experiments: Experiments;
  experimentEvents: ExperimentEvents;
  abTests: AbTests;
  learning: Learning;
  /** Where they are. memory: they end with the process. */
  kind: "postgres" | "pglite" | "memory";
  close(): Promise<void>;
}

/**
 * Opens all tables over one connection: the Postgres of DATABASE_URL, else the embedded database in
 * SIGNALPATH_DATA_DIR, else memory. Outside production the tables are brought up to date.
 * @throws UnavailableError, DataDirLockedError; Error when production finds no tables.
 */
export async function openStores(settings: BackendSettings, opening: Opening): Promise<Stores> {
  const { DATABASE_URL: url, SIGNALPATH_DATA_DIR: dataDir } = settings;
  if (url !== undefined) {
    const database = openPostgres(url, {
      onError: (error) => opening.onError(error, "an idle connection to Postgres"),
    });
    return overDatabase(database, "postgres", settings, opening);
  }
  if (dataDir !== undefined) {
    opening.warn(
      `DATABASE_URL is unset: tables live in ${dataDir} (survives kill -9, not a power cut; one process)`,
    );
    return overDatabase(await openPglite(`${dataDir}/db`), "pglite", settings, opening);
  }
  opening.warn("DATABASE_URL is unset: tables live in memory and end with this process");
  return inMemory(opening);
}

async function overDatabase(
  database: OpenDb,
  kind: "postgres" | "pglite",
  settings: BackendSettings,
  opening: Opening,
): Promise<Stores> {
  const { db } = database;
  const projects = createPostgresProjects(db, opening);
  try {
    if (kind === "pglite" || !isProduction(settings)) await migrate(db);
    else await requireTables(database, projects);
  } catch (error) {
    await database.close();
    throw error;
  }
  const { now, sha256 } = opening;
  return {
    experiments: createPostgresExperiments(db, opening),
    experimentEvents: createPostgresExperimentEvents(db, { now, sha256, newId: randomUUID }),
    abTests: createPostgresAbTests(db, opening),
    learning: createPostgresLearning(db, { now, sha256, newId: randomUUID }),
    archive: createPostgresArchive(db, opening),
    reader: createPostgresArchiveReader(db),
    itemStats: createPostgresItemStats(db),
    catalogue: createPostgresCatalogue(db),
    deadLetters: createPostgresDeadLetters(db, opening),
    keys: createPostgresKeys(db, opening),
    projects,
    rankingRules: createPostgresRankingRules(db, opening),
    ...createPostgresTraining(db, { now: opening.now, newId: randomUUID }),
    kind,
    close: () => database.close(),
  };
}

async function requireTables(database: OpenDb, projects: Projects): Promise<void> {
  await database.check();
  try {
    await projects.list({ offset: 0, limit: 1 });
  } catch (cause) {
    throw new Error("the database has no tables of ours: run `signalpath migrate`", { cause });
  }
}

function inMemory(opening: Opening): Stores {
  const deadLetters = createMemoryDeadLetters(opening);
  const projects = createMemoryProjects(opening);
  const { now, sha256 } = opening;
  const experiments = createMemoryExperimentEvents({ now, sha256 });
  const learning = createMemoryLearning({ now, sha256 });
  const training = createMemoryTraining({ projects, now, newId: randomUUID });
  // One erasure reaches both.
  const eraseKeys: typeof learning.eraseKeys = (...erased) =>
    experiments.eraseKeys(...erased) + learning.eraseKeys(...erased);
  return {
    experiments: createMemoryExperiments({ projects, now }),
    experimentEvents: experiments.events,
    abTests: createMemoryAbTests({ projects, slots: training.deploymentSlots, now }),
    learning: learning.learning,
    ...createMemoryArchive({ sha256, now, deadLetters, experiments: { eraseKeys } }),
    catalogue: createMemoryCatalogue(),
    deadLetters,
    keys: createMemoryKeys({ projects, now: opening.now }),
    projects,
    rankingRules: createMemoryRankingRules({ projects, now }),
    ...training,
    kind: "memory",
    close: async () => undefined,
  };
}
