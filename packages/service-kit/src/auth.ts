import { randomBytes } from "node:crypto";

import { headers, ServiceError, type Scope } from "@signalpath/contracts";
import {
  createMemoryRateLimiter,
  UnavailableError,
  type Clock,
  type KeyRecord,
  type Keys,
  type RateLimiter,
} from "@signalpath/ports";
import type { Context } from "hono";
import { LRUCache } from "lru-cache";

import { addressOf } from "./address.ts";
import type { KitVariables } from "./http-app.ts";
import { MAX_PRESENTED_KEY } from "./key-material.ts";
import { createLegacyKeys } from "./legacy-keys.ts";
import type { Logger } from "./logger.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { refuseUnknownQuery } from "./query-names.ts";
import { createRateBudget, type RateLimit } from "./rate-limit.ts";
import { hmac, sha256 } from "./sha256.ts";

/** A verified record is trusted this long after it was read, never longer. */
const TRUST_MS = 60_000;
const NEGATIVE_MS = 5_000;
const DENY_MS = 120_000;
const TOUCH_MS = 60_000;
/** Failed authentications one address may make. */
export const AUTH_FAILURE_LIMIT: RateLimit = { count: 100, windowMs: 60_000 };

export interface Authenticator {
  /**
   * The live key behind a presented text.
   * @param address who is charged when it fails (`addressOf`); absent = nobody.
   * @throws ServiceError KEY_INVALID, KEY_EXPIRED; RATE_LIMITED for an address that failed too
   * often, without looking at the key; STORE_UNAVAILABLE when it cannot be checked: our trouble is
   * never a 401.
   */
  verify(presented: string, address?: string): Promise<KeyRecord>;
  /** A revocation was heard: the key is refused at once, also by a verification under way. */
  deny(keyId: number): void;
}

/**
 * Verifies keys against the store through a cache that holds no key, only a keyed hash of it. Only
 * failures are charged, and a key that was found before asks no budget: all users of one backend
 * share its address.
 */
export function createAuthenticator(deps: {
  keys: Pick<Keys, "findByHash" | "findLegacy" | "touch">;
  pepper: Uint8Array;
  /** Pepper of the previous secret during a rotation. */
  previousPepper?: Uint8Array;
  now: Clock;
  logger: Logger;
  /** Keeps the budget of failures an address has; default: this process alone. */
  limiter?: RateLimiter;
  metrics?: Metrics;
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
  const failures = createRateBudget(
    {
      limiter: deps.limiter ?? createMemoryRateLimiter({ now }),
      // Guesses stay bounded, by each process alone, while the shared limiter is away.
      fallback: createMemoryRateLimiter({ now, maxBudgets: 10_000 }),
      metrics: deps.metrics ?? createMetrics("unknown"),
      logger: deps.logger,
    },
    { name: "auth_failures", limit: AUTH_FAILURE_LIMIT },
  );

  const legacy = createLegacyKeys(keys);

  async function find(slot: string, presented: string): Promise<KeyRecord | undefined> {
    for (const pepper of [deps.pepper, deps.previousPepper]) {
      if (pepper === undefined) continue;
      const record = await keys.findByHash(hmac(pepper, presented));
      if (record !== undefined) return record;
    }
    return legacy.find(slot, presented);
  }

  async function read(slot: string, presented: string): Promise<KeyRecord | undefined> {
    const under = pending.get(slot);
    if (under !== undefined) return under;
    const readAt = now();
    const reading = find(slot, presented);
    pending.set(slot, reading);
    try {
      const record = await reading;
      if (record === undefined) {
        unknown.set(slot, readAt);
        known.delete(slot);
      } else known.set(slot, { record, readAt });
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

  /** Whether that moment is so close; one that lies ahead is of a clock that was put back. */
  function isWithin(ms: number, atMs: number | undefined): boolean {
    const age = atMs === undefined ? ms : now() - atMs;
    return age >= 0 && age < ms;
  }

  async function refuseFailing(address: string | undefined): Promise<void> {
    if (address === undefined) return;
    const decision = await failures.look(address);
    if (decision === undefined || decision.allowed) return;
    throw new ServiceError("RATE_LIMITED", "too many failed authentications from this address", {
      retryAfterSeconds: Math.ceil(decision.retry_after_ms / 1_000),
    });
  }

  /** A key that was read less than 60 s ago asks nobody. */
  async function recordOf(
    presented: string,
    address: string | undefined,
  ): Promise<KeyRecord | undefined> {
    const slot = sha256(salt + presented);
    const hit = known.get(slot);
    if (hit !== undefined && isWithin(TRUST_MS, hit.readAt)) return hit.record;
    // Whoever presents a key that was found before does not guess: behind one proxy somebody else's
    // failures must not shut everybody out.
    if (hit === undefined) await refuseFailing(address);
    return isWithin(NEGATIVE_MS, unknown.get(slot)) ? undefined : read(slot, presented);
  }

  function touch(record: KeyRecord): void {
    if (isWithin(TOUCH_MS, touched.get(record.id))) return;
    touched.set(record.id, now());
    keys
      .touch(record.id, new Date(now()).toISOString())
      .catch((error: unknown) => deps.logger.warn({ err: error }, "last use of a key not stored"));
  }

  async function judge(presented: string, address: string | undefined): Promise<KeyRecord> {
    const isTooLong = presented.length > MAX_PRESENTED_KEY;
    if (isTooLong) await refuseFailing(address);
    const record = isTooLong ? undefined : await recordOf(presented, address);
    const deniedAt = record === undefined ? undefined : denied.get(record.id);
    // A clock that was put back prolongs a denial, which is the safe side.
    const isDenied = deniedAt !== undefined && now() - deniedAt < DENY_MS;
    if (record === undefined || record.revokedAt !== undefined || isDenied) {
      throw new ServiceError("KEY_INVALID", "Invalid API key");
    }
    if (record.expiresAt !== undefined && Date.parse(record.expiresAt) <= now()) {
      throw new ServiceError("KEY_EXPIRED", "API key expired");
    }
    return record;
  }

  return {
    async verify(presented, address) {
      try {
        const record = await judge(presented, address);
        touch(record);
        return record;
      } catch (error) {
        const isFailure = error instanceof ServiceError && error.status === 401;
        if (isFailure && address !== undefined) await failures.spend(address);
        throw error;
      }
    },
    deny: (keyId) => void denied.set(keyId, now()),
  };
}

/** True when the key may do this; `admin` may do everything. */
export function hasScope(record: KeyRecord, scope: Scope): boolean {
  return record.scopes.includes("admin") || record.scopes.includes(scope);
}

/**
 * The API key of a request, checked for one of these scopes; then its query, for names that the call does not
 * take: whoever may not call is told nothing about the call.
 * @throws ServiceError KEY_REQUIRED, KEY_INVALID, KEY_EXPIRED, SCOPE_MISSING, RATE_LIMITED,
 * STORE_UNAVAILABLE, VALIDATION_FAILED.
 */
export async function requireKey(
  c: Context,
  authenticator: Authenticator,
  ...scopes: readonly [Scope, ...Scope[]]
): Promise<KeyRecord> {
  const presented = c.req.header(headers.apiKey);
  if (presented === undefined || presented === "") {
    throw new ServiceError("KEY_REQUIRED", "X-API-Key header required");
  }
  const record = await authenticator.verify(presented, addressOf(c));
  if (record.kind !== "api") throw new ServiceError("KEY_INVALID", "Invalid API key");
  if (!scopes.some((scope) => hasScope(record, scope))) {
    const wanted = scopes.map((scope) => `'${scope}'`).join(" or ");
    throw new ServiceError("SCOPE_MISSING", `API key does not have ${wanted} scope`);
  }
  const queryNames = c.get("queryNames") as KitVariables["queryNames"];
  if (queryNames !== undefined) refuseUnknownQuery(c.req.url, queryNames);
  return record;
}
