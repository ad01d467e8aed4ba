import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { BUNDLES } from "./programs.ts";

/** A folder for the bundles of one test run; workers inherit its name. */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "signalpath-bundles-"));
  process.env[BUNDLES] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
