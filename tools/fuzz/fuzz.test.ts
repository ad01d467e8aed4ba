import { expect, test } from "vitest";

import { DOORS, type DoorName } from "./case.ts";
import { failureText } from "./report.ts";
import { runDoor } from "./run.ts";

const SEED = 20_261;
/** Requests a door: a few seconds each. `pnpm fuzz` runs many more. */
const RUNS: Readonly<Record<DoorName, number>> = {
  ingest: 700,
  recommend: 600,
  content: 500,
  "dead-letters": 250,
  erase: 250,
};

test.each(DOORS)("hostile requests to %s break no promise", async (door) => {
  const { tally, failure } = await runDoor({ door, runs: RUNS[door], seed: SEED });
  expect(failure === undefined ? "" : failureText(failure)).toBe("");
  expect(tally.bodies).toBe(RUNS[door]);
  // A generator whose every request is refused proves nothing.
  expect(tally.byStatus.get(200) ?? 0).toBeGreaterThan(RUNS[door] / 10);
});
