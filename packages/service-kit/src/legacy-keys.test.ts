import { pbkdf2Sync } from "node:crypto";

import { createManualClock, createMemoryKeys, createMemoryProjects } from "@signalpath/ports";
import { describe, expect, it, vi } from "vitest";

import { createAuthenticator } from "./auth.ts";
import { adoptKey } from "./key-material.ts";
import { createLegacyKeys, LEGACY_HASHES, LEGACY_WAITING, verifyPbkdf2 } from "./legacy-keys.ts";
import { createLogger } from "./logger.ts";
import { derivePepper } from "./sha256.ts";

const KEY = `rctm_${"k".repeat(64)}`;
function hashOf(key: string, iterations = 1_000, salt = "Na123Cl"): string {
  const digest = pbkdf2Sync(key, salt, iterations, 32, "sha256").toString("base64");
  return `pbkdf2_sha256$${iterations}$${salt}$${digest}`;
}

async function setUp(hashes: readonly string[]) {
  const clock = createManualClock();
  const projects = createMemoryProjects(clock);
  const { id: projectId } = await projects.create("shop");
  const keys = createMemoryKeys({ projects, now: clock.now });
  for (const hash of hashes) {
    const { prefix } = adoptKey(derivePepper("x"), KEY);
    await keys.create({ projectId, name: "old", kind: "api", scopes: ["predict"], prefix, hash });
  }
  return { clock, keys };
}

describe("stretched hashes of another system", () => {
  it("a vector worked out by OpenSSL", async () => {
    // openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt pass:password -kdfopt salt:salt \\
    //   -kdfopt iter:4096 -binary PBKDF2 | base64
    const digest = "xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o=";
    expect(await verifyPbkdf2("password", `pbkdf2_sha256$4096$salt$${digest}`)).toBe(true);
    expect(await verifyPbkdf2("passwore", `pbkdf2_sha256$4096$salt$${digest}`)).toBe(false);
  });

  it.each([
    "",
    "pbkdf2_sha256$0$salt$",
    hashOf(KEY).replace("sha256", "sha1"),
    hashOf(KEY).replace("$1000$", "$9000000$"),
    hashOf(KEY).slice(0, -2),
    `x${hashOf(KEY)}`,
  ])("malformed: %s", async (hash) => expect(await verifyPbkdf2(KEY, hash)).toBe(false));

  it("finds the right one of several rows with one prefix, and remembers the proof", async () => {
    const right = `django_${hashOf(KEY, 900)}`;
    const { keys } = await setUp([hashOf(`${KEY}x`), right]);
    const legacy = createLegacyKeys(keys);
    expect(await legacy.find("slot", KEY)).toMatchObject({ id: 2 });
    // Were it worked out again, this key would not be found in the slot of the other one.
    expect(await legacy.find("slot", `rctm_${"k".repeat(63)}j`)).toMatchObject({ id: 2 });
    expect(await legacy.find("other", `rctm_${"k".repeat(63)}j`)).toBeUndefined();
    expect(await legacy.find("slot", "no key of ours")).toBeUndefined();
  });

  it("works out few at once, lets some wait and sends the rest away", async () => {
    const { keys } = await setUp([hashOf(`${KEY}x`, 60_000)]);
    const legacy = createLegacyKeys(keys);
    const asked = Array.from({ length: 40 }, (_, n) => legacy.find(`slot ${n}`, KEY));
    const answers = await Promise.allSettled(asked);
    const refused = answers.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(40 - LEGACY_HASHES - LEGACY_WAITING);
    for (const one of refused) expect(one).toMatchObject({ reason: { code: "RATE_LIMITED" } });
  });

  it("the authenticator takes them, caches them, and drops them when revoked", async () => {
    const { clock, keys } = await setUp([hashOf(KEY)]);
    const read = vi.spyOn(keys, "findLegacy");
    const logger = createLogger({ service: "test", level: "silent" });
    const pepper = derivePepper("a secret");
    const authenticator = createAuthenticator({ keys, pepper, now: clock.now, logger });
    expect(await authenticator.verify(KEY)).toMatchObject({ id: 1, scopes: ["predict"] });
    await authenticator.verify(KEY);
    expect(read).toHaveBeenCalledTimes(1);
    await expect(authenticator.verify(`${KEY}x`)).rejects.toMatchObject({ code: "KEY_INVALID" });
    clock.advance(60_000);
    await keys.revoke(1, new Date(clock.now()).toISOString());
    await expect(authenticator.verify(KEY)).rejects.toMatchObject({ code: "KEY_INVALID" });
  });
});
