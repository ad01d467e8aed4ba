import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { DataDirLockedError, lockDataDir } from "./data-dir-lock.ts";
import { openPglite } from "./open-pglite.ts";
import { scratchDir } from "./testing.ts";

let scratch: Awaited<ReturnType<typeof scratchDir>>;
let dataDir: string;
beforeEach(async () => {
  scratch = await scratchDir();
  dataDir = join(scratch.path, "deep", "db");
});
afterEach(() => scratch.remove());

test("one holder at a time, the next when it is given back", async () => {
  const release = await lockDataDir(dataDir, 0);
  await expect(lockDataDir(dataDir, 0)).rejects.toThrow(DataDirLockedError);
  await expect(lockDataDir(dataDir, 0)).rejects.toThrow(`${dataDir} is in use by process`);
  const next = lockDataDir(dataDir, 30_000);
  await release();
  const releaseNext = await next;
  // Giving it back twice does not take it from the one after.
  await release();
  await expect(lockDataDir(dataDir, 0)).rejects.toThrow(DataDirLockedError);
  await releaseNext();
  expect(await readdir(join(scratch.path, "deep"))).toEqual([]);
});

test("of many that want it at once exactly one gets it", async () => {
  const tries = await Promise.allSettled(Array.from({ length: 12 }, () => lockDataDir(dataDir, 0)));
  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("the lock of a process that is gone is taken over, by one of many", async () => {
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  const release = await lockDataDir(dataDir, 0);
  await release();
  await writeFile(`${dataDir}.lock`, `${child.pid} 1 crashed`);
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(dataDir, 0)));
  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("a process id that was given to another process since holds nothing", async () => {
  const release = await lockDataDir(dataDir, 0);
  await release();
  await writeFile(`${dataDir}.lock`, `${process.pid} 1 crashed`);
  const again = await lockDataDir(dataDir, 0);
  await again();
  await writeFile(`${dataDir}.lock`, `garbage`);
  const third = await lockDataDir(dataDir, 0);
  await third();
});

test("an open database holds its directory, and gives it back", async () => {
  const first = await openPglite(dataDir);
  await expect(openPglite(dataDir, { lockWaitMs: 0 })).rejects.toThrow(DataDirLockedError);
  await first.close();
  const second = await openPglite(dataDir, { lockWaitMs: 0 });
  await expect(second.check()).resolves.toBeUndefined();
  await second.close();
  await expect(second.check()).rejects.toThrow("closed");
});

test("a database that cannot open gives the lock back", async () => {
  const release = await lockDataDir(dataDir, 0);
  await release();
  await writeFile(dataDir, "a file where the directory should be");
  await expect(openPglite(dataDir, { lockWaitMs: 0 })).rejects.toThrow();
  expect(await readdir(join(scratch.path, "deep"))).toEqual(["db"]);
});
