import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Another living process has the data directory open. */
export class DataDirLockedError extends Error {
  override name = "DataDirLockedError";
}

const POLL_MS = 100;

/**
 * Takes the exclusive lock of a data directory: a file beside it that names the process holding it.
 * The lock of a process that is gone is taken over.
 *
 * @param waitMs how long to wait for a living holder.
 * @returns gives the lock back.
 * @throws DataDirLockedError naming the directory and the holder.
 */
export async function lockDataDir(dataDir: string, waitMs: number): Promise<() => Promise<void>> {
  const path = `${resolve(dataDir)}.lock`;
  await mkdir(dirname(path), { recursive: true });
  const mine = `${process.pid} ${startOf(process.pid)} ${randomUUID()}`;
  const deadline = Date.now() + waitMs;
  for (;;) {
    if (await tryCreate(path, mine)) return () => release(path, mine);
    const holder = await readIfThere(path);
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      await takeAway(path, holder);
      continue;
    }
    if (Date.now() >= deadline) {
      const pid = holder.split(" ", 1)[0];
      throw new DataDirLockedError(`${resolve(dataDir)} is in use by process ${pid}`);
    }
    await sleep(POLL_MS);
  }
}

/** Hard link of a finished file: it appears with its content, and only one can appear. */
async function tryCreate(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a dead lock. Somebody quicker may have replaced it: then that one is put back. */
async function takeAway(path: string, expected: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readIfThere(aside)) !== expected) await link(aside, path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EEXIST") throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function release(path: string, mine: string): Promise<void> {
  if ((await readIfThere(path)) === mine) await rm(path, { force: true });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** A process id alone is reused (always, in a container); with its start time it is not. */
function isAlive(holder: string): boolean {
  const [pidText = "", start = ""] = holder.split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
  return start === startOf(pid);
}

/** When a process started, in ticks since boot; `-` where the system does not tell (no /proc). */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold spaces; the start is the 20th field after it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ESRCH") return "-";
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
