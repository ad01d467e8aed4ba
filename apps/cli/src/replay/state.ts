import { mkdir, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { hash32 } from "@signalpath/domain";
import { z } from "zod";

import { usageError } from "../exit-codes.ts";
import { readIfThere } from "../io.ts";
import { replayCounts } from "./counts.ts";

const stateFile = z.object({
  version: z.literal(1),
  /** Absolute path of what is replayed. */
  source: z.string(),
  fingerprint: z.string(),
  url: z.string(),
  /** Anchor of the times, ISO 8601 UTC. */
  until: z.string(),
  /** Users asked for, sorted and comma separated; empty = all. */
  users: z.string(),
  /** Entries before this one are stored by the service. */
  done: z.int().nonnegative(),
  counts: replayCounts,
});
export type ReplayState = z.output<typeof stateFile>;

/** Where the state of a replay lives unless it is told: one file a source and service. */
export function defaultStatePath(dataDir: string, source: string, url: string): string {
  const tag = hash32(`${resolve(source)} ${url}`)
    .toString(16)
    .padStart(8, "0");
  return join(dataDir, `replay-${basename(resolve(source))}-${tag}.json`);
}

/** @throws CliError when the file is there but is none of ours. */
export async function readState(path: string): Promise<ReplayState | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return stateFile.parse(JSON.parse(text));
  } catch {
    throw usageError(`${path} is no replay state`);
  }
}

export interface StateWriter {
  /** Remembers the newest state; written soon, one write at a time. */
  save(state: ReplayState): void;
  /** Resolves when the newest state is on the disk; rejects when it could not be written. */
  flush(): Promise<void>;
}

/** Writes beside the file and renames, so that a kill leaves the old state or the new one. */
export function createStateWriter(path: string): StateWriter {
  let newest: ReplayState | undefined;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    while (newest !== undefined) {
      const state = newest;
      newest = undefined;
      await writeFile(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`);
      await rename(`${path}.new`, path);
    }
    writing = undefined;
  }
  return {
    save(state) {
      newest = state;
      if (writing !== undefined) return;
      writing = write();
      // Awaited by flush; until then a failure must not count as unhandled.
      writing.catch(() => {});
    },
    async flush() {
      await writing;
    },
  };
}
