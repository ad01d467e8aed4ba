import type { Clock } from "../clock/port.ts";
import { RefusedError } from "../errors.ts";
import type { Projects } from "../projects/port.ts";
import { isLegacyHash, type KeyRecord, type Keys, type NewKey } from "./port.ts";

/** Live write keys one source may have: the old and the new one of a rotation. */
export const MAX_LIVE_WRITE_KEYS = 2;
/** Legacy keys of one prefix that are looked at: each costs a stretched hash. */
export const MAX_LEGACY_KEYS = 8;
/** Most rows one read answers. */
const PAGE = 2_000;

/** Keeps keys in the process. */
export function createMemoryKeys({
  projects,
  now,
}: {
  projects: Pick<Projects, "get">;
  now: Clock;
}): Keys {
  const records = new Map<number, KeyRecord>();
  const byHash = new Map<string, number>();
  let lastId = 0;
  const live = ({ revokedAt, expiresAt }: KeyRecord): boolean =>
    revokedAt === undefined && (expiresAt === undefined || Date.parse(expiresAt) > now());
  const copy = (id: number | undefined): KeyRecord | undefined => {
    const record = id === undefined ? undefined : records.get(id);
    return record === undefined ? undefined : structuredClone(record);
  };
  const assertRoom = ({ projectId, kind, source }: NewKey): void => {
    if (kind !== "write" || source === undefined) return;
    const rivals = [...records.values()].filter(
      (record) =>
        record.projectId === projectId && record.kind === kind && record.source === source,
    );
    if (rivals.filter(live).length >= MAX_LIVE_WRITE_KEYS) {
      throw new RefusedError(`the source already has ${MAX_LIVE_WRITE_KEYS} live write keys`);
    }
  };
  return {
    create: async (key) => {
      if ((await projects.get(key.projectId)) === undefined) {
        throw new RefusedError("the project is unknown");
      }
      if (byHash.has(key.hash)) throw new RefusedError("a key with this hash exists");
      assertRoom(key);
      const { hash, ...rest } = key;
      const record: KeyRecord = {
        ...rest,
        id: ++lastId,
        scopes: [...key.scopes],
        source: key.source,
        profile: key.profile,
        createdAt: new Date(now()).toISOString(),
        expiresAt: key.expiresAt,
        revokedAt: undefined,
        lastUsedAt: undefined,
      };
      records.set(record.id, record);
      byHash.set(hash, record.id);
      return structuredClone(record);
    },
    findByHash: async (hash) => copy(byHash.get(hash)),
    findLegacy: async (prefix) =>
      [...byHash]
        .flatMap(([hash, id]) => {
          const record = records.get(id);
          const isMeant = record?.prefix === prefix && isLegacyHash(hash);
          return isMeant ? [{ record: structuredClone(record), hash }] : [];
        })
        .slice(0, MAX_LEGACY_KEYS),
    list: async ({ projectId, offset, limit }) => {
      const all = [...records.values()].filter(
        (record) => projectId === undefined || record.projectId === projectId,
      );
      const keys = structuredClone(all.slice(offset, offset + Math.min(limit, PAGE)));
      return { count: all.length, keys };
    },
    get: async (id) => copy(id),
    revoke: async (id, at) => {
      const record = records.get(id);
      if (record !== undefined) record.revokedAt ??= at;
      return copy(id);
    },
    touch: async (id, at) => {
      const record = records.get(id);
      if (record === undefined) return;
      if (record.lastUsedAt === undefined || record.lastUsedAt < at) record.lastUsedAt = at;
    },
  };
}
