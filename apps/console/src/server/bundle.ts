import { spawn, type ChildProcess } from "node:child_process";
import { access, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { constants, setPriority } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { Logger } from "@signalpath/service-kit";

import { bundleKey } from "./bundle-key.ts";
import { loadWebFiles, type WebFile } from "./web-files.ts";

const PREFIX = "web-";
/** Another process that builds the same is looked at this often, milliseconds. */
const LOOK_MS = 200;

/** The console's built files, or that they are not there yet. */
export interface Bundle {
  /** undefined: still built, or the build failed. */
  files(): ReadonlyMap<string, WebFile> | undefined;
  state(): "building" | "ready" | "failed";
  close(): Promise<void>;
}

/**
 * Opens the built files. Beside a bundled server they lie in `web/`; in the workspace they are built
 * when no build of these very sources is there, by a process of its own that yields to everything
 * else. Answers at once: what is asked meanwhile finds `building`.
 */
export function openBundle({ logger }: { logger: Logger }): Bundle {
  const stop = new AbortController();
  let files: ReadonlyMap<string, WebFile> | undefined;
  let state: ReturnType<Bundle["state"]> = "building";
  const opening = open().catch((err: unknown) => {
    if (stop.signal.aborted) return;
    state = "failed";
    logger.error({ err }, "the console could not be built");
  });
  async function open(): Promise<void> {
    files = await loadWebFiles(await folderOf(stop.signal));
    state = "ready";
  }
  return {
    files: () => files,
    state: () => state,
    async close() {
      stop.abort();
      await opening;
    },
  };
}

/** Where the built files are, once they are. */
async function folderOf(signal: AbortSignal): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  if (!import.meta.url.endsWith(".ts")) return join(here, "web");
  const room = join(here, "../..");
  const dist = join(room, "dist");
  const name = `${PREFIX}${await bundleKey(room)}`;
  const folder = join(dist, name);
  await mkdir(dist, { recursive: true });
  const lock = `${folder}.building`;
  while (!(await exists(folder))) {
    signal.throwIfAborted();
    if (await take(lock)) {
      try {
        await build(room, folder, signal);
        await removeOthers(dist, name);
      } finally {
        await rm(lock, { force: true });
      }
    } else {
      await pause(LOOK_MS, undefined, { signal });
    }
  }
  return folder;
}

/** Builds into a folder of this process; it gets its name when it is whole. */
async function build(room: string, folder: string, signal: AbortSignal): Promise<void> {
  const vite = createRequire(import.meta.url).resolve("vite/package.json");
  const out = `${folder}.part-${process.pid}`;
  const args = ["build", "--outDir", out, "--emptyOutDir", "--logLevel", "warn"];
  const child = spawn(process.execPath, [join(dirname(vite), "bin/vite.js"), ...args], {
    cwd: room,
    stdio: ["ignore", "ignore", "pipe"],
    // Nothing else of this process's environment shall change what is built.
    env: { NODE_ENV: "production" },
    signal,
  });
  try {
    await finished(child);
    await rename(out, folder);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

function finished(child: ChildProcess): Promise<void> {
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    child.on("error", (error) => {
      failure = error;
      if (child.pid === undefined) reject(error);
    });
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(failure ?? new Error(`vite build ended with ${code}: ${said}`));
    });
  });
}

/** @returns whether this process builds; a lock of a process that is gone counts for nothing. */
async function take(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const holder = Number(await readFile(lock, "utf8").catch(() => ""));
  if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Builds of older sources, and what processes left that were ended while they built. */
async function removeOthers(dist: string, name: string): Promise<void> {
  for (const entry of await readdir(dist)) {
    const [, key, left, pid] = /^(web-[\da-f]{16})(\.building|\.part-(\d+))?$/.exec(entry) ?? [];
    if (key === undefined || key === name) continue;
    const isOther = left === undefined || (pid !== undefined && !isAlive(Number(pid)));
    if (isOther) await rm(join(dist, entry), { recursive: true, force: true });
  }
}
