import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";

import { DOORS } from "./case.ts";
import { CASES } from "./doors/doors.ts";
import { failureText } from "./report.ts";
import { runDoor } from "./run.ts";
import { createSqlWorlds } from "./sql-worlds.ts";

/** Few: each is sent four times. `pnpm fuzz --sql` sends more. */
const RUNS = 64;

test("hostile text at every door that reaches real SQL breaks no promise", async () => {
  const worlds = await createSqlWorlds();
  onTestFinished(() => worlds.remove());
  const { tally, failure } = await runDoor({
    door: "ingest",
    cases: fc.oneof(...DOORS.map((door) => CASES[door])),
    runs: RUNS,
    seed: 3_026,
    open: worlds.open,
  });
  expect(failure === undefined ? "" : failureText(failure)).toBe("");
  expect(tally.bodies).toBe(RUNS);
  expect(tally.byStatus.get(200) ?? 0).toBeGreaterThan(RUNS / 10);
  expect(tally.byCode.get("accepted") ?? 0).toBeGreaterThan(0);
}, 240_000);
