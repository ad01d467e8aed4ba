import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openWorld, type Target } from "./world.ts";

/** Opens worlds over embedded Postgres, each in an empty directory of its own. */
export interface SqlWorlds {
  open: () => Promise<Target>;
  /** Removes the directories. Close the worlds first. */
  remove: () => Promise<void>;
}

export async function createSqlWorlds(): Promise<SqlWorlds> {
  const folder = await mkdtemp(join(tmpdir(), "signalpath-fuzz-"));
  let count = 0;
  return {
    open: () => openWorld(join(folder, String(++count))),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
