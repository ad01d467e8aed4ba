import {
  createMemoryEventBuffer,
  createMemoryFeatureStore,
  createMemoryRateLimiter,
  createMemoryUserModelStore,
  createMemoryUserState,
  type EventBuffer,
  type FeatureStore,
  type RateLimiter,
  type UserModelStore,
} from "@signalpath/ports";

import { redisFindings } from "./doctor/redis-findings.ts";
import { takeFindings } from "./doctor/take-findings.ts";
import type { BackendSettings, Opening } from "./opening.ts";

/** Its client is loaded by those that use it. */
const loadRedis = () => import("@signalpath/adapter-redis");

export interface UserState {
  buffer: EventBuffer;
  models: UserModelStore;
  features: FeatureStore;
  /** Budgets of all processes on one Redis, else of this process. */
  limiter: RateLimiter;
  /** They live in this process: nothing in them is older than it. */
  embedded: boolean;
  close(): Promise<void>;
}

/**
 * Opens event buffers, user models, profile features and rate budgets over one connection to REDIS_URL, else in memory.
 * @throws UnavailableError; ConfigError when production finds a Redis that forgets at a crash.
 */
export async function openUserState(
  settings: BackendSettings,
  opening: Opening,
): Promise<UserState> {
  if (settings.REDIS_URL === undefined) {
    opening.warn(
      "REDIS_URL is unset: event buffers, user models, features and rate budgets live in this process, filled from the archive on first touch",
    );
    const state = createMemoryUserState(opening);
    return {
      buffer: createMemoryEventBuffer(state),
      models: createMemoryUserModelStore(state),
      features: createMemoryFeatureStore(state),
      limiter: createMemoryRateLimiter(opening),
      embedded: true,
      close: async () => undefined,
    };
  }
  const redis = await loadRedis();
  const client = await redis.openRedis(settings.REDIS_URL, {
    onError: (error) => opening.onError(error, "redis"),
  });
  try {
    takeFindings(redisFindings(await redis.redisWarnings(client)), settings, opening);
  } catch (error) {
    await redis.closeRedis(client);
    throw error;
  }
  return {
    buffer: redis.createRedisEventBuffer(client),
    models: redis.createRedisUserModelStore(client),
    features: redis.createRedisFeatureStore(client),
    limiter: redis.createRedisRateLimiter(client),
    embedded: false,
    close: () => redis.closeRedis(client),
  };
}

/**
 * Rate budgets alone, for an app that keeps no user state: at REDIS_URL, else of this process.
 * @throws UnavailableError.
 */
export async function openRateLimiter(
  settings: BackendSettings,
  opening: Opening,
): Promise<{ limiter: RateLimiter; close(): Promise<void> }> {
  if (settings.REDIS_URL === undefined) {
    return { limiter: createMemoryRateLimiter(opening), close: async () => undefined };
  }
  const redis = await loadRedis();
  const client = await redis.openRedis(settings.REDIS_URL, {
    onError: (error) => opening.onError(error, "redis"),
  });
  return { limiter: redis.createRedisRateLimiter(client), close: () => redis.closeRedis(client) };
}
