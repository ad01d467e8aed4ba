import { createHash } from "node:crypto";

import { unavailable, type RedisClient } from "./client.ts";

/** A Lua script and its SHA-1, under which the server caches it. */
export interface Script {
  source: string;
  sha: string;
}

export function script(source: string): Script {
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}

/**
 * Runs a script by its hash; a server that does not know it (new, restarted, flushed) gets the
 * source. Throws UnavailableError.
 */
export async function run(
  client: RedisClient,
  { source, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT"))
      throw unavailable(error);
  }
  try {
    return await client.eval(source, keys.length, ...keys, ...args);
  } catch (error) {
    throw unavailable(error);
  }
}
