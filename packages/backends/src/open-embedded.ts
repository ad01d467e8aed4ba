import {
  createPostgresArchive,
  createPostgresArchiveReader,
  createPostgresCatalogue,
  createPostgresDeadLetters,
  createPostgresItemStats,
  createPostgresKeys,
  createPostgresProjects,
  migrate,
  openPglite,
} from "@signalpath/adapter-postgres";
import type { Sha256 } from "@signalpath/domain";
import {
  createMemoryBus,
  createMemoryContentStore,
  createMemoryEventBuffer,
  createMemoryUserModelStore,
  createMemoryUserState,
  type Archive,
  type ArchiveReader,
  type Bus,
  type Catalogue,
  type Clock,
  type ContentStore,
  type DeadLetters,
  type EventBuffer,
  type ItemStats,
  type Keys,
  type Projects,
  type UserModelStore,
} from "@signalpath/ports";

import { createArchiveBus } from "./archive-bus/index.ts";

/** Every port of one process, none of them a server. */
export interface Embedded {
  bus: Bus;
  archive: Archive;
  reader: ArchiveReader;
  catalogue: Catalogue;
  deadLetters: DeadLetters;
  itemStats: ItemStats;
  keys: Keys;
  projects: Projects;
  buffer: EventBuffer;
  models: UserModelStore;
  contentStore: ContentStore;
  /** Finishes what the bus has in hand, then closes the database. */
  close(): Promise<void>;
}

/**
 * Opens an embedded database (survives kill -9, not a power cut), brings it up to date, and puts
 * the bus, buffers, models and the content index of this process over it.
 * @param dataDir directory of the database; held exclusively until `close`.
 * @throws DataDirLockedError when another process holds it.
 */
export async function openEmbedded(
  dataDir: string,
  options: {
    sha256: Sha256;
    now: Clock;
    /** Told of what a consumer of the bus threw; it is tried again. */
    onError: (error: unknown, what: string) => void;
  },
): Promise<Embedded> {
  const { now, onError } = options;
  const database = await openPglite(dataDir);
  try {
    await migrate(database.db);
  } catch (error) {
    await database.close();
    throw error;
  }
  const { db } = database;
  const archive = createPostgresArchive(db, options);
  const reader = createPostgresArchiveReader(db);
  const control = createMemoryBus({ now, onError });
  const bus = createArchiveBus({ archive, reader, control, now, onError });
  const userState = createMemoryUserState({ now });
  return {
    bus,
    archive,
    reader,
    catalogue: createPostgresCatalogue(db),
    deadLetters: createPostgresDeadLetters(db, options),
    itemStats: createPostgresItemStats(db),
    keys: createPostgresKeys(db, options),
    projects: createPostgresProjects(db, options),
    buffer: createMemoryEventBuffer(userState),
    models: createMemoryUserModelStore(userState),
    contentStore: createMemoryContentStore(),
    async close() {
      await bus.close();
      await database.close();
    },
  };
}
