import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sha256 } from "@signalpath/ports/contract-suites";
import { UnavailableError } from "@signalpath/ports";
import { expect, onTestFinished, test } from "vitest";

import { openBackends } from "./open-backends.ts";
import { openSecret } from "./open-secret.ts";
import type { BackendSettings } from "./opening.ts";

function opening() {
  const lines: string[] = [];
  let minted = 0;
  return {
    lines,
    service: "test-app",
    now: Date.now,
    sha256,
    warn: (line: string) => void lines.push(line),
    onError: () => undefined,
    mintKey: () => {
      minted += 1;
      return { key: `key ${minted}`, prefix: `p${minted}`, hash: `h${minted}` };
    },
  };
}

async function open(settings: Partial<BackendSettings>) {
  const given = opening();
  const backends = await openBackends({ NODE_ENV: "test", ...settings }, given);
  onTestFinished(() => backends.close());
  return { ...given, backends };
}

test("without servers every port is embedded, named in one line each, and usable at once", async () => {
  const { backends, lines } = await open({});
  expect(lines.map((line) => line.split(" ", 1)[0])).toEqual([
    "DATABASE_URL",
    "REDIS_URL",
    "NATS_URL",
    "project",
  ]);
  expect(lines[2]).toContain("test-app hears no other service");
  expect(lines[3]).toMatch(/key 1.*key 2.*key 3/);
  expect(backends.embeddedUserState).toBe(true);
  expect(await backends.catalogue.version(1)).toBe(1);
  expect(await backends.keys.findByHash("h3")).toMatchObject({ scopes: ["admin"], projectId: 1 });
  await backends.bus.check();
});

test("a data directory keeps its tables, and nothing is put into it", async () => {
  const dir = await mkdtemp(join(tmpdir(), "signalpath-backends-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const { backends, lines } = await open({ SIGNALPATH_DATA_DIR: dir });
  expect(lines).toHaveLength(3);
  expect((await backends.projects.list({ offset: 0, limit: 1 })).count).toBe(0);
});

test("a server that is named and away stops the opening: no silent fallback", async () => {
  for (const settings of [
    { NATS_URL: "nats://127.0.0.1:1" },
    { REDIS_URL: "redis://127.0.0.1:1" },
    { DATABASE_URL: "postgres://x@127.0.0.1:1/x" },
  ]) {
    await expect(open(settings)).rejects.toThrow(UnavailableError);
  }
});

test("a missing secret is minted and said outside production, refused in it", () => {
  const { lines, warn } = opening();
  expect(openSecret({ NODE_ENV: "test", SECRET_KEY: "given" }, { warn })).toBe("given");
  const first = openSecret({ NODE_ENV: "test" }, { warn });
  expect(openSecret({ NODE_ENV: "test" }, { warn })).not.toBe(first);
  expect(lines).toHaveLength(2);
  expect(() => openSecret({ NODE_ENV: "production" }, { warn })).toThrow("SECRET_KEY");
});
