import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createMemoryKeys, createMemoryProjects, type Keys } from "@signalpath/ports";
import { ConfigError, derivePepper, hmac } from "@signalpath/service-kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  ensureKeys,
  writeCredentials,
  type CredentialsDeps,
  type Credentials,
} from "./credentials.ts";
import { readSecret } from "./data-dir.ts";

const NOW = Date.parse("2026-06-12T12:00:00.000Z");
const now = () => NOW;
let dir: string;
let keys: Keys;
let deps: CredentialsDeps;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "signalpath-keys-"));
  const projects = createMemoryProjects({ now });
  const { id } = await projects.create("default");
  keys = createMemoryKeys({ now, projects });
  deps = { keys, pepper: derivePepper("a secret"), projectId: id, now };
});
afterEach(() => rm(dir, { recursive: true }));

const path = () => join(dir, "credentials.json");

/** What a start does. */
async function ensure(): Promise<Credentials> {
  const current = { url: "http://127.0.0.1:4000", ...(await ensureKeys(deps, path())) };
  await writeCredentials(path(), current);
  return current;
}

async function liveKeys() {
  const { keys: all } = await keys.list({ offset: 0, limit: 100 });
  return all.filter((key) => key.revokedAt === undefined);
}

describe("ensureKeys", () => {
  it("mints four keys the first time and keeps them afterwards", async () => {
    const first = await ensure();
    expect(
      new Set([first.write_key, first.api_key, first.admin_key, first.publishable_key]).size,
    ).toBe(4);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path(), "utf8"))).toEqual(first);
    expect(await ensure()).toEqual(first);
    expect(await liveKeys()).toHaveLength(4);
    const shown = await keys.findByHash(hmac(deps.pepper, first.publishable_key));
    expect(shown?.scopes).toEqual(["recommend", "ingest"]);
    const record = await keys.findByHash(hmac(deps.pepper, first.api_key));
    expect(record?.scopes).toEqual(["read", "write", "predict"]);
  });

  it("takes the same texts in under another secret, and the old records end", async () => {
    const first = await ensure();
    deps = { ...deps, pepper: derivePepper("another secret") };
    expect(await ensure()).toEqual(first);
    expect(await liveKeys()).toHaveLength(4);
  });

  it("replaces a key that was revoked, and only that one", async () => {
    const first = await ensure();
    const record = await keys.findByHash(hmac(deps.pepper, first.api_key));
    await keys.revoke(record?.id ?? 0, new Date(NOW).toISOString());
    const second = await ensure();
    expect(second.api_key).not.toBe(first.api_key);
    expect(second.write_key).toBe(first.write_key);
  });

  it("mints new ones when the file is lost, again and again; the old ones end", async () => {
    for (let round = 0; round < 4; round++) {
      const before = await ensure();
      await rm(path());
      expect((await ensure()).write_key).not.toBe(before.write_key);
      expect(await liveKeys()).toHaveLength(4);
    }
  });

  it.each(["{", "", "[]", '{"url": "http://x"}', '{"write_key": 5}'])(
    "refuses a damaged file by its name, and leaves it and its keys as they are: %j",
    async (text) => {
      await ensure();
      await writeFile(path(), text);
      await expect(ensure()).rejects.toThrow(ConfigError);
      await expect(ensure()).rejects.toThrow(path());
      expect(await readFile(path(), "utf8")).toBe(text);
      expect(await liveKeys()).toHaveLength(4);
    },
  );
});

describe("readSecret", () => {
  it("is what the environment says, else minted once", async () => {
    const file = join(dir, "secret");
    expect(await readSecret(file, "given")).toBe("given");
    const minted = await readSecret(file, undefined);
    expect(minted.length).toBeGreaterThanOrEqual(32);
    expect(await readSecret(file, undefined)).toBe(minted);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});
