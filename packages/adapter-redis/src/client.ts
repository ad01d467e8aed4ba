import { UnavailableError } from "@signalpath/ports";
import { Redis } from "ioredis";

export type RedisClient = Redis;

export interface OpenRedisOptions {
  /** A command without an answer for this long has failed, milliseconds (default 1,000). */
  commandTimeoutMs?: number;
  /** Milliseconds until the first connection counts as failed (default 5,000). */
  connectTimeoutMs?: number;
  /** Connection errors; the client reconnects by itself. Default: a line on stderr. */
  onError?: (error: Error) => void;
}

/**
 * Connects. Commands fail at once while the connection is down, instead of queueing without a
 * bound, and are never sent twice. Throws UnavailableError when there is no server, or one that
 * needs longer than a command may: whoever starts a process tries again.
 */
export async function openRedis(url: string, options: OpenRedisOptions = {}): Promise<RedisClient> {
  const { commandTimeoutMs = 1_000, connectTimeoutMs = 5_000 } = options;
  const onError = options.onError ?? ((error) => console.error("redis:", error.message));
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
  });
  client.on("error", onError);
  try {
    await client.connect();
  } catch (error) {
    client.disconnect();
    throw unavailable(error);
  }
  return client;
}

/** Finishes what was sent, then disconnects. */
export async function closeRedis(client: RedisClient): Promise<void> {
  try {
    await client.quit();
  } catch {
    client.disconnect(); // Not connected: there is nothing to finish.
  }
}

/** Calls the listener each time the connection is back after it was lost. */
export function onRedisReconnect(client: RedisClient, listener: () => void): () => void {
  let lost = client.status !== "ready";
  const onClose = () => void (lost = true);
  const onReady = () => {
    if (lost) listener();
    lost = false;
  };
  client.on("close", onClose);
  client.on("ready", onReady);
  return () => {
    client.off("close", onClose);
    client.off("ready", onReady);
  };
}

/** Whatever went wrong with Redis, the same call may succeed later. */
export function unavailable(cause: unknown): UnavailableError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new UnavailableError("redis", message, { cause });
}

/** Throws UnavailableError when the server does not answer. One that refuses writes still serves readers. */
export async function checkRedisAnswers(client: RedisClient): Promise<void> {
  try {
    await client.ping();
  } catch (error) {
    throw unavailable(error);
  }
}
