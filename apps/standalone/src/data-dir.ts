import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Files of a data dir; the only place their names are spelled. */
export function dataDirPaths(dataDir: string) {
  return {
    credentials: join(dataDir, "credentials.json"),
    secret: join(dataDir, "secret"),
    pid: join(dataDir, "pid"),
    log: join(dataDir, "standalone.log"),
    /** Written once the sample catalogue was imported: it is not imported again. */
    sampleMarker: join(dataDir, "sample-catalogue.json"),
  };
}
export type DataDirPaths = ReturnType<typeof dataDirPaths>;

/** Creates the directory, readable by its owner alone. */
export async function ensureDataDir(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
}

/** Text of a file, undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whole or not at all, readable by its owner alone. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}

/** SECRET_KEY when it is set, else the secret of the data dir, minted the first time. */
export async function readSecret(path: string, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const kept = (await readIfThere(path))?.trim();
  if (kept !== undefined && kept !== "") return kept;
  const minted = randomBytes(48).toString("base64url");
  await writePrivate(path, `${minted}\n`);
  return minted;
}

/** Names this process in the data dir. */
export async function writePid(path: string, pid: number): Promise<{ close(): Promise<void> }> {
  await writeFile(path, `${pid}\n`);
  return {
    async close() {
      // Another process may have taken over; its file stays.
      if ((await readIfThere(path))?.trim() === String(pid)) await rm(path, { force: true });
    },
  };
}
