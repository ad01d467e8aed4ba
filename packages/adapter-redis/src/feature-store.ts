import type { UserKey } from "@signalpath/domain";
import { MODEL_LIFE_MS, type FeatureStore, type StoredFeature } from "@signalpath/ports";

import { checkRedisAnswers, type RedisClient } from "./client.ts";
import { GET_FEATURES, SAVE_FEATURES } from "./feature-scripts.ts";
import { DEFAULT_PREFIX, personKeys } from "./keys.ts";
import { run } from "./script.ts";

/** Profile features on Redis 7, one hash a person, each value replaced by compare-and-set. */
export function createRedisFeatureStore(
  client: RedisClient,
  options: { prefix?: string } = {},
): FeatureStore {
  const { prefix = DEFAULT_PREFIX } = options;
  const keysOf = (key: UserKey) => {
    const { features, meta } = personKeys(prefix, key);
    return [features, meta];
  };

  return {
    async get(key) {
      const [status, ...parts] = (await run(client, GET_FEATURES, keysOf(key), [])) as string[];
      if (status === "moved") return { status, to: parts[0] as UserKey };
      const features = new Map<string, StoredFeature>();
      for (let i = 0; i + 1 < parts.length; i += 2) {
        features.set(parts[i] as string, decode(parts[i + 1] as string));
      }
      return { status: "ok", features };
    },
    async save(key, { values, revision, computedAtMs, utcOffsetMin }) {
      if (values.size === 0) return { status: "saved", refused: [] };
      const args: (string | number)[] = [MODEL_LIFE_MS, revision, computedAtMs];
      for (const [name, value] of values) args.push(name, JSON.stringify({ value, utcOffsetMin }));
      const answer = (await run(client, SAVE_FEATURES, keysOf(key), args)) as string[];
      const [status, ...rest] = answer;
      if (status === "moved") return { status, to: rest[0] as UserKey };
      return status === "saved" ? { status, refused: rest } : { status: "below_floor" };
    },
    check: () => checkRedisAnswers(client),
  };
}

/** Revision and moment stand before the JSON, where a script can read them without parsing it. */
function decode(stored: string): StoredFeature {
  const [revision = "", computedAt = ""] = stored.split(" ", 2);
  const json = stored.slice(revision.length + computedAt.length + 2);
  const value = JSON.parse(json) as Pick<StoredFeature, "value" | "utcOffsetMin">;
  return { ...value, revision: Number(revision), computedAtMs: Number(computedAt) };
}
