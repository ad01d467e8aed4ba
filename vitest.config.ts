import { availableParallelism } from "node:os";

import { defineConfig } from "vitest/config";

import { LongestFirst } from "./tools/check/longest-first.ts";

// One root project without isolation: many times faster than one project a package. The price is that
// no module may keep mutable state, which the factory style forbids anyway. In processes, not
// threads: Node 20 spins for ever when it ends a thread in which sockets were reset.
export default defineConfig({
  test: {
    include: ["{apps,packages}/*/src/**/*.test.ts", "tools/**/*.test.ts"],
    pool: "forks",
    isolate: false,
    // Many files wait for servers and child processes more than they compute.
    maxWorkers: Math.max(4, availableParallelism()),
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    setupFiles: ["tools/check/patient-waits.ts"],
    sequence: { sequencer: LongestFirst },
    globalSetup: ["tools/real-servers/vitest-setup.ts", "tools/stack/vitest-setup.ts"],
  },
});
