import { expect, it } from "vitest";

import { describeWithBinaries } from "../e2e/describe.ts";
import { runCases } from "./cases.ts";

/** Those that find most for their time; `pnpm faults` runs all of them longer. */
const NAMES = [
  "kill-ingest-webhook",
  "kill-user-model-updater",
  "kill-nats",
  "kill-redis",
  "kill-postgres",
  "rolling-restart",
  "bad-links",
  "poison",
  "full-stream",
  "kill-standalone",
];
const SEED = 20_260_612;

describeWithBinaries("faults, short form", () => {
  it("break no promise: nothing lost, nothing counted twice, no model wrong", async () => {
    const broken: Record<string, string[]> = {};
    const ran: string[] = [];
    for await (const row of runCases({ seed: SEED, names: NAMES, scale: 0.15 })) {
      ran.push(row.name);
      expect(row.accepted).toBeGreaterThan(50);
      if (row.violations.length > 0) broken[row.name] = row.violations;
    }
    expect(broken).toEqual({});
    expect(ran).toEqual(NAMES);
  }, 400_000);
});
