import {
  closeRedis,
  createRedisEventBuffer,
  createRedisUserModelStore,
  openRedis,
  redisWarnings,
} from "@signalpath/adapter-redis";
import {
  createMemoryEventBuffer,
  createMemoryUserModelStore,
  createMemoryUserState,
  type EventBuffer,
  type UserModelStore,
} from "@signalpath/ports";

import { redisFindings } from "./doctor/redis-findings.ts";
import { takeFindings } from "./doctor/take-findings.ts";
import type { BackendSettings, Opening } from "./opening.ts";

export interface UserState {
  buffer: EventBuffer;
  models: UserModelStore;
  /** They live in this process: nothing in them is older than it. */
  embedded: boolean;
  close(): Promise<void>;
}

/**
 * Opens event buffers and user models over one connection to REDIS_URL, else in memory.
 * @throws UnavailableError; ConfigError when production finds a Redis that forgets at a crash.
 */
export async function openUserState(
  settings: BackendSettings,
  opening: Opening,
): Promise<UserState> {
  if (settings.REDIS_URL === undefined) {
    opening.warn(
      "REDIS_URL is unset: event buffers and user models live in this process, filled from the archive on first touch",
    );
    const state = createMemoryUserState(opening);
    return {
      buffer: createMemoryEventBuffer(state),
      models: createMemoryUserModelStore(state),
      embedded: true,
      close: async () => undefined,
    };
  }
  const client = await openRedis(settings.REDIS_URL, {
    onError: (error) => opening.onError(error, "redis"),
  });
  try {
    takeFindings(redisFindings(await redisWarnings(client)), settings, opening);
  } catch (error) {
    await closeRedis(client);
    throw error;
  }
  return {
    buffer: createRedisEventBuffer(client),
    models: createRedisUserModelStore(client),
    embedded: false,
    close: () => closeRedis(client),
  };
}
