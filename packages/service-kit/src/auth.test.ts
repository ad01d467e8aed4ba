import { ServiceError } from "@signalpath/contracts";
import {
  createManualClock,
  createMemoryRateLimiter,
  UnavailableError,
  type KeyRecord,
  type Keys,
  type RateLimiter,
} from "@signalpath/ports";
import { describe, expect, it } from "vitest";

import { AUTH_FAILURE_LIMIT, createAuthenticator, hasScope } from "./auth.ts";
import { mintKey } from "./key-material.ts";
import { createLogger } from "./logger.ts";
import { derivePepper } from "./sha256.ts";

const pepper = derivePepper("a secret of a reasonable length, is it");

function setUp(change: Partial<KeyRecord> = {}, given?: RateLimiter) {
  const clock = createManualClock();
  const minted = mintKey(pepper);
  let record: KeyRecord = {
    id: 7,
    projectId: 1,
    name: "k",
    kind: "api",
    scopes: ["read"],
    source: undefined,
    profile: undefined,
    prefix: minted.prefix,
    createdAt: new Date(clock.now()).toISOString(),
    expiresAt: undefined,
    revokedAt: undefined,
    lastUsedAt: undefined,
    ...change,
  };
  const reads = { count: 0 };
  let down = false;
  let gate: Promise<void> | undefined;
  const keys = {
    findByHash: async (hash: string) => {
      reads.count++;
      const seen = record;
      await gate;
      if (down) throw new UnavailableError("postgres", "gone");
      return hash === minted.hash ? seen : undefined;
    },
    findLegacy: async () => [],
    touch: async () => {},
  } satisfies Partial<Keys>;
  const logger = createLogger({ service: "test", level: "silent" });
  const limiter = given ?? createMemoryRateLimiter(clock);
  const createOne = () => createAuthenticator({ keys, pepper, now: clock.now, logger, limiter });
  return {
    authenticator: createOne(),
    createOne,
    clock,
    minted,
    reads,
    revoke: () => void (record = { ...record, revokedAt: "2026-01-01T00:00:00.000Z" }),
    setDown: (to: boolean) => void (down = to),
    hold: (until: Promise<void>) => void (gate = until),
  };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "ok",
    (error: unknown) => (error instanceof ServiceError ? error.code : "other"),
  );

describe("authenticator", () => {
  it("reads a key once and trusts the record for 60 s from the read, never longer", async () => {
    const { authenticator, minted, clock, reads, revoke } = setUp();
    await authenticator.verify(minted.key);
    clock.advance(59_000);
    await authenticator.verify(minted.key);
    expect(reads.count).toBe(1);
    revoke();
    clock.advance(1_000);
    expect(await codeOf(authenticator.verify(minted.key))).toBe("KEY_INVALID");
    expect(reads.count).toBe(2);
  });

  it("drops a key the moment its revocation is heard, also under a verification under way", async () => {
    const { authenticator, minted, hold } = setUp();
    let open = () => {};
    hold(new Promise<void>((resolve) => (open = resolve)));
    const verifying = codeOf(authenticator.verify(minted.key));
    authenticator.deny(7);
    open();
    expect(await verifying).toBe("KEY_INVALID");
    expect(await codeOf(authenticator.verify(minted.key))).toBe("KEY_INVALID");
  });

  it("asks the store once for callers that come together", async () => {
    const { authenticator, minted, reads } = setUp();
    await Promise.all(Array.from({ length: 20 }, () => authenticator.verify(minted.key)));
    expect(reads.count).toBe(1);
  });

  it("judges expiry on every hit", async () => {
    const clock = createManualClock();
    const expiresAt = new Date(clock.now() + 10_000).toISOString();
    const { authenticator, minted, clock: own } = setUp({ expiresAt });
    expect(await codeOf(authenticator.verify(minted.key))).toBe("ok");
    own.advance(10_000);
    expect(await codeOf(authenticator.verify(minted.key))).toBe("KEY_EXPIRED");
  });

  it("answers its own trouble as trouble, never as a wrong key", async () => {
    const { authenticator, minted, setDown } = setUp();
    setDown(true);
    expect(await codeOf(authenticator.verify(minted.key))).toBe("STORE_UNAVAILABLE");
    setDown(false);
    expect(await codeOf(authenticator.verify(minted.key))).toBe("ok");
  });

  it("looks at no key of an address that failed too often; others and trusted keys pass", async () => {
    const { authenticator, createOne, minted, reads, clock } = setUp();
    const { count } = AUTH_FAILURE_LIMIT;
    await authenticator.verify(minted.key, "203.0.113.7");
    const before = reads.count;
    for (let n = 0; n < count; n++) {
      expect(await codeOf(authenticator.verify(`guess ${n}`, "203.0.113.7"))).toBe("KEY_INVALID");
    }
    expect(reads.count).toBe(before + count);
    // Another instance knows of it, and even the right key is not looked at there.
    const other = createOne();
    for (const key of ["one more", "x".repeat(10_000), minted.key]) {
      const error: unknown = await other.verify(key, "203.0.113.7").catch((thrown) => thrown);
      expect(error).toMatchObject({ code: "RATE_LIMITED", retryAfterSeconds: 1 });
    }
    expect(reads.count).toBe(before + count);
    expect(await codeOf(other.verify(minted.key, "203.0.113.8"))).toBe("ok");
    expect(await codeOf(authenticator.verify(minted.key, "203.0.113.7"))).toBe("ok");
    clock.advance(1_000);
    expect(await codeOf(other.verify("a guess", "203.0.113.7"))).toBe("KEY_INVALID");
  });

  it("reads a key again whose moment of reading lies ahead: the clock was put back", async () => {
    const { authenticator, minted, clock, revoke } = setUp();
    clock.advance(3_600_000);
    await authenticator.verify(minted.key);
    revoke();
    clock.advance(-3_600_000);
    expect(await codeOf(authenticator.verify(minted.key))).toBe("KEY_INVALID");
  });

  it("does not shut out keys it found before because of others behind the same address", async () => {
    const { authenticator, minted, clock, reads, revoke } = setUp();
    const address = "203.0.113.7";
    const guess = async () => {
      for (let n = 0; n < AUTH_FAILURE_LIMIT.count; n++) {
        await codeOf(authenticator.verify(`guess ${n}`, address));
      }
    };
    await authenticator.verify(minted.key, address);
    clock.advance(60_000);
    await guess();
    expect(await codeOf(authenticator.verify("a guess", address))).toBe("RATE_LIMITED");
    expect(await codeOf(authenticator.verify(minted.key, address))).toBe("ok");
    // One that is gone is read once more, then trusted to be gone.
    revoke();
    clock.advance(60_000);
    await guess();
    const before = reads.count;
    for (let n = 0; n < 3; n++) {
      expect(await codeOf(authenticator.verify(minted.key, address))).toBe("KEY_INVALID");
    }
    expect(reads.count).toBe(before + 1);
  });

  it("bounds guesses by itself while the shared limiter is away", async () => {
    const gone = async () => {
      throw new UnavailableError("redis", "gone");
    };
    const { createOne, reads } = setUp({}, { charge: gone, peek: gone });
    const authenticator = createOne();
    for (let n = 0; n < AUTH_FAILURE_LIMIT.count; n++) {
      expect(await codeOf(authenticator.verify(`guess ${n}`, "203.0.113.7"))).toBe("KEY_INVALID");
    }
    expect(await codeOf(authenticator.verify("a guess", "203.0.113.7"))).toBe("RATE_LIMITED");
    expect(reads.count).toBe(AUTH_FAILURE_LIMIT.count);
  });

  it("charges failures alone", async () => {
    const { createOne, minted } = setUp();
    for (let n = 0; n < 2 * AUTH_FAILURE_LIMIT.count; n++) {
      // Never trusted from before: each one asks for the budget.
      expect(await codeOf(createOne().verify(minted.key, "203.0.113.7"))).toBe("ok");
    }
  });

  it("hashes nothing that is too long", async () => {
    const { authenticator, reads } = setUp();
    expect(await codeOf(authenticator.verify("x".repeat(10_000)))).toBe("KEY_INVALID");
    expect(reads.count).toBe(0);
  });
});

it("admin may do everything, others what they were given", () => {
  const record = (scopes: KeyRecord["scopes"]) => ({ scopes }) as KeyRecord;
  expect(hasScope(record(["admin"]), "write")).toBe(true);
  expect(hasScope(record(["read"]), "write")).toBe(false);
});
