import type { TestProject } from "vitest/node";

import { startAll } from "./start-all.ts";

/** Starts the real servers once for a whole test run and tells every test where they are. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { states, stop } = await startAll(process.env);
  project.provide("servers", states);
  return stop;
}
