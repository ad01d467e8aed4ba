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
  "bad-links",
  "poison",
  "full-stream",
  "kill-standalone",
];
const SEED = 20_260_612;
/** Enough for these cases: starting a process is what costs most here. */
const INSTANCES = {
  "ingest-webhook": 2,
  "user-model-updater": 2,
  recommender: 1,
  "management-api": 0,
  "inference-gateway": 0,
  experiments: 0,
};

describeWithBinaries("faults, short form", () => {
  it("break no promise: nothing lost, nothing counted twice, no model wrong", async () => {
    const broken: Record<string, string[]> = {};
    const ran: string[] = [];
    for await (const row of runCases({
      seed: SEED,
      names: NAMES,
      scale: 0.15,
      instances: INSTANCES,
    })) {
      ran.push(row.name);
      expect(row.accepted).toBeGreaterThan(50);
      // How long it took is for `pnpm faults` on a quiet machine.
      const real = row.violations.filter((one) => !one.startsWith("slow: "));
      if (real.length > 0) broken[row.name] = real;
    }
    expect(broken).toEqual({});
    expect(ran).toEqual(NAMES);
  }, 400_000);
});
