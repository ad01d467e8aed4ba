import { pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

import { ServiceError } from "@signalpath/contracts";
import type { KeyRecord, Keys } from "@signalpath/ports";
import { LRUCache } from "lru-cache";

import { apiKeyPrefix } from "./key-material.ts";
import { createSemaphore } from "./semaphore.ts";

/** Stretched hashes worked out at once, and verifications that may wait for one. */
export const LEGACY_HASHES = 2;
export const LEGACY_WAITING = 32;
/** A row that asks for more is no key: one hash would hold a thread for seconds. */
const MAX_ITERATIONS = 2_000_000;

const stretch = promisify(pbkdf2);

/** Finds keys whose rows hold a stretched hash of another system. */
export interface LegacyKeys {
  /**
   * @param slot keyed hash of the presented text, under which a proof is remembered.
   * @throws ServiceError RATE_LIMITED when too many verifications wait; what the store throws.
   */
  find(slot: string, presented: string): Promise<KeyRecord | undefined>;
}

/**
 * Verifies `pbkdf2_sha256` hashes on the thread pool of libuv. A hash that was proved once for a key
 * is not worked out again while its row holds it.
 */
export function createLegacyKeys(keys: Pick<Keys, "findLegacy">): LegacyKeys {
  const proved = new LRUCache<string, string>({ max: 10_000 });
  const semaphore = createSemaphore(LEGACY_HASHES, LEGACY_WAITING);

  async function matches(presented: string, hash: string): Promise<boolean> {
    if (!(await semaphore.acquire())) {
      throw new ServiceError("RATE_LIMITED", "too many keys are being verified", {
        retryAfterSeconds: 1,
      });
    }
    try {
      return await verifyPbkdf2(presented, hash);
    } finally {
      semaphore.release();
    }
  }

  return {
    async find(slot, presented) {
      const prefix = apiKeyPrefix(presented);
      if (prefix === undefined) return undefined;
      const rows = await keys.findLegacy(prefix);
      const known = proved.get(slot);
      const before = rows.find(({ hash }) => hash === known);
      if (before !== undefined) return before.record;
      for (const { record, hash } of rows) {
        if (!(await matches(presented, hash))) continue;
        proved.set(slot, hash);
        return record;
      }
      return undefined;
    },
  };
}

/**
 * True when `hash` (`pbkdf2_sha256$<iterations>$<salt>$<base64 of 32 bytes>`, `django_` before it or
 * not) is that of the text. Compared in constant time; anything malformed is false.
 */
export async function verifyPbkdf2(presented: string, hash: string): Promise<boolean> {
  const match = /^(?:django_)?pbkdf2_sha256\$(\d{1,7})\$([^$]+)\$([A-Za-z0-9+/]{43}=)$/.exec(hash);
  const iterations = Number(match?.[1]);
  if (match === null || iterations < 1 || iterations > MAX_ITERATIONS) return false;
  const expected = Buffer.from(match[3] as string, "base64");
  const actual = await stretch(presented, match[2] as string, iterations, 32, "sha256");
  return timingSafeEqual(actual, expected);
}
