import { openNats } from "@signalpath/adapter-nats";
import {
  createPostgresArchiveReader,
  createPostgresCatalogue,
  createPostgresDeadLetters,
  createPostgresItemStats,
  openPostgres,
  type Db,
} from "@signalpath/adapter-postgres";
import {
  closeRedis,
  createRedisUserModelStore,
  openRedis,
  type RedisClient,
} from "@signalpath/adapter-redis";

import type { ArchiveReader, Catalogue, NewDeadLetter, UserModelStore } from "@signalpath/ports";
import { jetstream, jetstreamManager, type ConsumerInfo } from "@nats-io/jetstream";

import { sha256, type Remains } from "./oracle.ts";

/** The durable whose progress is watched. */
const UPDATER = "user-model-updater";
const EPOCH_MS = 3_600_000;
const PAGE = 2_000;

/** A look into the stores past the apps and past the proxies. */
export interface Stores {
  remains(): Promise<Remains>;
  models: UserModelStore;
  catalogue: Catalogue;
  redis: RedisClient;
  /** Of the updater's durable. */
  consumer(): Promise<ConsumerInfo>;
  /** Puts any text on a subject of SIGNALS; answers its sequence. */
  publishRaw(subject: string, body: string | Uint8Array): Promise<number>;
  /** Bytes SIGNALS holds; with `maxBytes` it is also allowed that many. */
  signalsBytes(maxBytes?: number): Promise<number>;
  deadLetters(): Promise<{ code: string; body: string }[]>;
  /** Puts letters aside as an app does. */
  putAside(letters: readonly NewDeadLetter[]): Promise<void>;
  close(): Promise<void>;
}

export async function openStores(env: Readonly<Record<string, string>>): Promise<Stores> {
  // What breaks here breaks because a case killed the server: the case's own steps notice.
  const quiet = { onError: () => undefined };
  const database = openPostgres(env["DATABASE_URL"] as string, { ...quiet, max: 2 });
  const redis = await openRedis(env["REDIS_URL"] as string, quiet);
  const connection = await openNats(env["NATS_URL"] as string, { name: "faults" });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const stream = jetstream(connection);
  const reader = createPostgresArchiveReader(database.db);
  return {
    remains: () => readRemains(database.db, reader),
    models: createRedisUserModelStore(redis),
    catalogue: createPostgresCatalogue(database.db),
    redis,
    consumer: () => manager.consumers.info("SIGNALS", UPDATER),
    async publishRaw(subject, body) {
      return (await stream.publish(subject, body)).seq;
    },
    async signalsBytes(maxBytes) {
      const { config, state } = await manager.streams.info("SIGNALS");
      if (maxBytes !== undefined) {
        await manager.streams.update("SIGNALS", { ...config, max_bytes: maxBytes });
      }
      return state.bytes;
    },
    putAside: (letters) => createPostgresDeadLetters(database.db, { sha256 }).put(letters),
    async deadLetters() {
      const all = await Promise.all([0, 1].map((project) => lettersOf(database.db, project)));
      return all.flat();
    },
    async close() {
      await Promise.all([database.close(), closeRedis(redis), connection.close()]);
    },
  };
}

export async function readRemains(db: Db, reader: ArchiveReader): Promise<Remains> {
  const archived: Remains["archived"][number][] = [];
  for (let after = 0; ;) {
    const page = await reader.log({ after, limit: PAGE });
    archived.push(...page);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.sequence;
  }
  const letters = new Set<string>();
  for (const { eventId } of await lettersOf(db, 1)) if (eventId !== undefined) letters.add(eventId);
  const sinceHour = Math.floor(Date.now() / EPOCH_MS) - 24 * 31;
  const itemHours = await createPostgresItemStats(db).itemHours(1, sinceHour);
  return { archived, letters, itemHours };
}

async function lettersOf(db: Db, projectId: number) {
  const letters = createPostgresDeadLetters(db, { sha256 });
  const all: { code: string; body: string; eventId?: string }[] = [];
  let cursor: string | undefined;
  do {
    const page = await letters.list(projectId, {
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    all.push(...page.letters);
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
}

/** What the stream takes in operation. */
export const USUAL_BYTES = 2 * 1024 ** 3;
