import { randomBytes } from "node:crypto";

import { headers, ServiceError, type Scope } from "@signalpath/contracts";
import { UnavailableError, type Clock, type KeyRecord, type Keys } from "@signalpath/ports";
import type { Context } from "hono";
import { LRUCache } from "lru-cache";

import { MAX_PRESENTED_KEY } from "./key-material.ts";
import type { Logger } from "./logger.ts";
import { hmac, sha256 } from "./sha256.ts";

/** A verified record is trusted this long after it was read, never longer. */
const TRUST_MS = 60_000;
const NEGATIVE_MS = 5_000;
const DENY_MS = 120_000;
const TOUCH_MS = 60_000;

export interface Authenticator {
  /**
   * The live key behind a presented text.
   * @throws ServiceError KEY_INVALID, KEY_EXPIRED; STORE_UNAVAILABLE when it cannot be checked:
   * our trouble is never a 401.
   */
  verify(presented: string): Promise<KeyRecord>;
  /** A revocation was heard: the key is refused at once, also by a verification under way. */
  deny(keyId: number): void;
}

/** Verifies keys against the store through a cache that holds no key, only a keyed hash of it. */
export function createAuthenticator(deps: {
  keys: Keys;
  pepper: Uint8Array;
  /** Pepper of the previous secret during a rotation. */
  previousPepper?: Uint8Array;
  now: Clock;
  logger: Logger;
}): Authenticator {
  const { keys, now } = deps;
  // Secret of this process and of fixed length, so a plain hash behind it is a keyed one: slots never
  // leave this memory, and nobody can lengthen what was hashed to reach another's.
  const salt = randomBytes(32).toString("base64url");
  const known = new LRUCache<string, { record: KeyRecord; readAt: number }>({ max: 10_000 });
  const unknown = new LRUCache<string, number>({ max: 10_000 });
  const denied = new LRUCache<number, number>({ max: 10_000 });
  const touched = new LRUCache<number, number>({ max: 10_000 });
  const pending = new Map<string, Promise<KeyRecord | undefined>>();

  async function find(presented: string): Promise<KeyRecord | undefined> {
    const record = await keys.findByHash(hmac(deps.pepper, presented));
    if (record !== undefined || deps.previousPepper === undefined) return record;
    return keys.findByHash(hmac(deps.previousPepper, presented));
  }

  async function read(slot: string, presented: string): Promise<KeyRecord | undefined> {
    const under = pending.get(slot);
    if (under !== undefined) return under;
    const readAt = now();
    const reading = find(presented);
    pending.set(slot, reading);
    try {
      const record = await reading;
      if (record === undefined) unknown.set(slot, readAt);
      else known.set(slot, { record, readAt });
      return record;
    } catch (cause) {
      if (!(cause instanceof UnavailableError)) throw cause;
      throw new ServiceError("STORE_UNAVAILABLE", "keys cannot be checked now", {
        cause,
        retryAfterSeconds: 5,
      });
    } finally {
      pending.delete(slot);
    }
  }

  async function lookUp(presented: string): Promise<KeyRecord | undefined> {
    const slot = sha256(salt + presented);
    const hit = known.get(slot);
    if (hit !== undefined && now() - hit.readAt < TRUST_MS) return hit.record;
    const miss = unknown.get(slot);
    if (miss !== undefined && now() - miss < NEGATIVE_MS) return undefined;
    return read(slot, presented);
  }

  function touch(record: KeyRecord): void {
    const last = touched.get(record.id);
    if (last !== undefined && now() - last < TOUCH_MS) return;
    touched.set(record.id, now());
    keys
      .touch(record.id, new Date(now()).toISOString())
      .catch((error: unknown) => deps.logger.warn({ err: error }, "last use of a key not stored"));
  }

  return {
    async verify(presented) {
      if (presented.length > MAX_PRESENTED_KEY) {
        throw new ServiceError("KEY_INVALID", "Invalid API key");
      }
      const record = await lookUp(presented);
      const deniedAt = record === undefined ? undefined : denied.get(record.id);
      const isDenied = deniedAt !== undefined && now() - deniedAt < DENY_MS;
      if (record === undefined || record.revokedAt !== undefined || isDenied) {
        throw new ServiceError("KEY_INVALID", "Invalid API key");
      }
      if (record.expiresAt !== undefined && Date.parse(record.expiresAt) <= now()) {
        throw new ServiceError("KEY_EXPIRED", "API key expired");
      }
      touch(record);
      return record;
    },
    deny: (keyId) => void denied.set(keyId, now()),
  };
}

/** True when the key may do this; `admin` may do everything. */
export function hasScope(record: KeyRecord, scope: Scope): boolean {
  return record.scopes.includes("admin") || record.scopes.includes(scope);
}

/**
 * The API key of a request, checked for a scope.
 * @throws ServiceError KEY_REQUIRED, KEY_INVALID, KEY_EXPIRED, SCOPE_MISSING.
 */
export async function requireKey(
  c: Context,
  authenticator: Authenticator,
  scope: Scope,
): Promise<KeyRecord> {
  const presented = c.req.header(headers.apiKey);
  if (presented === undefined || presented === "") {
    throw new ServiceError("KEY_REQUIRED", "X-API-Key header required");
  }
  const record = await authenticator.verify(presented);
  if (record.kind !== "api") throw new ServiceError("KEY_INVALID", "Invalid API key");
  if (!hasScope(record, scope)) {
    throw new ServiceError("SCOPE_MISSING", `API key does not have '${scope}' scope`);
  }
  return record;
}
