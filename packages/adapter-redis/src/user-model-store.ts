import type { UserKey, UserSignals } from "@signalpath/domain";
import {
  MODEL_LIFE_MS,
  type ModelAnswer,
  type ModelVersion,
  type SaveOutcome,
  type UserModelStore,
} from "@signalpath/ports";

import { checkRedisAnswers, type RedisClient } from "./client.ts";
import { MARK_LIFE_MS } from "./event-buffer.ts";
import { DEFAULT_PREFIX, personKeys } from "./keys.ts";
import { ERASE_MODEL, GET_MODEL, SAVE_MODEL } from "./model-scripts.ts";
import { run } from "./script.ts";

/** User models on Redis 7, one JSON blob a person, replaced by compare-and-set. */
export function createRedisUserModelStore(
  client: RedisClient,
  options: { prefix?: string } = {},
): UserModelStore {
  const { prefix = DEFAULT_PREFIX } = options;
  const keysOf = (key: UserKey) => {
    const { model, meta } = personKeys(prefix, key);
    return [model, meta];
  };

  return {
    async get(key, known) {
      const args = known === undefined ? [] : partsOf(known);
      return readAnswer((await run(client, GET_MODEL, keysOf(key), args)) as string[]);
    },
    async save(key, model, version) {
      const args = [JSON.stringify(model), MODEL_LIFE_MS, ...partsOf(version)];
      const [status, to] = (await run(client, SAVE_MODEL, keysOf(key), args)) as string[];
      if (status === "moved") return { status, to: to as UserKey };
      return { status: status as Exclude<SaveOutcome["status"], "moved"> };
    },
    async erase(key, floor) {
      const removed = await run(client, ERASE_MODEL, keysOf(key), [floor, MARK_LIFE_MS]);
      return { removed: removed === 1 };
    },
    check: () => checkRedisAnswers(client),
  };
}

function partsOf(version: ModelVersion): number[] {
  return [version.revision, version.contentVersion, version.signalsVersion];
}

function readAnswer(answer: readonly string[]): ModelAnswer {
  const [status, ...fields] = answer;
  if (status === "moved") return { status, to: fields[0] as UserKey };
  if (status === "absent" || status === "unchanged") return { status };
  const [json = "", ...numbers] = fields;
  const [revision = 0, contentVersion = 0, signalsVersion = 0, savedAtMs = 0] = numbers.map(Number);
  const model = JSON.parse(json) as UserSignals;
  return { status: "ok", model, revision, contentVersion, signalsVersion, savedAtMs };
}
