import { STREAMS, type StreamName } from "@signalpath/contracts";
import {
  DiscardPolicy,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";

import { API_CODE, apiCode } from "./api-codes.ts";
import { unavailable, type NatsConnection } from "./connection.ts";

const MS = 1_000_000;
const MINUTE = 60_000 * MS;
const DAY = 24 * 60 * MINUTE;
const GIB = 1024 ** 3;

/** Bytes each stream may take; the server sets this much aside. */
export const DEFAULT_MAX_BYTES: Readonly<Record<StreamName, number>> = {
  SIGNALS: 2 * GIB,
  EVENTS: GIB / 4,
  DECISIONS: GIB / 2,
  DEADLETTERS: GIB / 4,
};

export interface StreamOptions {
  /** Copies in a cluster (default 1). */
  replicas?: number;
  maxBytes?: Partial<Record<StreamName, number>>;
}

/**
 * Creates the streams that are missing and brings the others up to date. Run by migration and
 * development, not by services: these may lack the right. Throws UnavailableError.
 */
export async function ensureStreams(
  connection: NatsConnection,
  options: StreamOptions = {},
): Promise<void> {
  try {
    const manager = await jetstreamManager(connection);
    for (const name of Object.keys(STREAMS) as StreamName[]) {
      const config = streamConfig(name, options);
      if (await exists(() => manager.streams.info(name)))
        await manager.streams.update(name, config);
      else await manager.streams.add(config);
    }
  } catch (error) {
    throw unavailable(error);
  }
}

/** Streams of ours that the server does not have. Throws UnavailableError, also without the right. */
export async function missingStreams(connection: NatsConnection): Promise<StreamName[]> {
  try {
    const manager = await jetstreamManager(connection);
    const missing: StreamName[] = [];
    for (const name of Object.keys(STREAMS) as StreamName[]) {
      if (!(await exists(() => manager.streams.info(name)))) missing.push(name);
    }
    return missing;
  } catch (error) {
    throw unavailable(error);
  }
}

function streamConfig(
  name: StreamName,
  { replicas = 1, maxBytes = {} }: StreamOptions,
): Partial<StreamConfig> & { name: string } {
  const { subjects, maxAgeDays, discard, duplicateWindowMinutes } = STREAMS[name];
  return {
    name,
    subjects: [...subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_age: maxAgeDays * DAY,
    max_bytes: maxBytes[name] ?? DEFAULT_MAX_BYTES[name],
    discard: discard === "new" ? DiscardPolicy.New : DiscardPolicy.Old,
    duplicate_window: duplicateWindowMinutes * MINUTE,
    num_replicas: replicas,
  };
}

async function exists(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (apiCode(error) === API_CODE.streamNotFound) return false;
    throw error;
  }
}
