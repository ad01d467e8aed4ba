import { unavailable, type RedisClient } from "./client.ts";

/**
 * What about this server breaks a promise of the stores on it, one sentence each. A managed Redis
 * that refuses CONFIG is a warning, not an error. Throws UnavailableError when it does not answer.
 */
export async function redisWarnings(client: RedisClient): Promise<string[]> {
  const info = await client.info("server").catch((error: unknown) => {
    throw unavailable(error);
  });
  const version = /redis_version:(\S+)/.exec(info)?.[1] ?? "unknown";
  const warnings: string[] = [];
  if (Number.parseInt(version, 10) < 7) {
    warnings.push(`Redis ${version}: the scripts need Redis 7 or later`);
  }
  let settings: Map<string, string>;
  try {
    settings = await readSettings(client, ["appendonly", "maxmemory", "maxmemory-policy"]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [...warnings, `CONFIG is refused (${why}): check appendonly and maxmemory-policy there`];
  }
  if (settings.get("appendonly") !== "yes") {
    warnings.push("appendonly is off: a crash of Redis loses buffers and models until refilled");
  }
  const policy = settings.get("maxmemory-policy") ?? "noeviction";
  if (settings.get("maxmemory") !== "0" && policy !== "noeviction") {
    warnings.push(`maxmemory-policy ${policy} evicts buffers, models and redirects: noeviction`);
  }
  return warnings;
}

async function readSettings(
  client: RedisClient,
  names: readonly string[],
): Promise<Map<string, string>> {
  const settings = new Map<string, string>();
  for (const name of names) {
    // A list of name and value, or a map, by protocol version.
    const answer: unknown = await client.config("GET", name);
    const flat = Array.isArray(answer) ? answer : Object.entries(answer as object).flat();
    settings.set(name, String(flat[1]));
  }
  return settings;
}
