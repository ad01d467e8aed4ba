// Everything CI runs: format, lint, types, boundaries, dead code, tests. Ends with one line of counts.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensureServers } from "./check/servers.ts";

interface Step {
  name: string;
  command: string;
  args: string[];
}

const report = mkdtempSync(join(tmpdir(), "signalpath-check-"));
const results = join(report, "vitest.json");

const steps: Step[] = [
  { name: "format", command: "oxfmt", args: ["--check", "."] },
  { name: "lint", command: "oxlint", args: [] },
  { name: "types", command: "tsc", args: ["-p", "tsconfig.json"] },
  { name: "types of domain", command: "tsc", args: ["-p", "packages/domain/tsconfig.json"] },
  {
    name: "types of browser-sdk",
    command: "tsc",
    args: ["-p", "packages/browser-sdk/tsconfig.json"],
  },
  { name: "types of console", command: "tsc", args: ["-p", "apps/console/tsconfig.json"] },
  { name: "types of browser tests", command: "tsc", args: ["-p", "tools/browser/tsconfig.json"] },
  { name: "boundaries", command: "turbo", args: ["boundaries"] },
  { name: "dead code", command: "knip", args: [] },
  {
    name: "tests",
    command: "vitest",
    args: ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${results}`],
  },
];

/** stdout and stderr pass through; a step without a problem prints one line. */
function run(step: Step): Promise<boolean> {
  const startedAt = performance.now();
  const loud = step.name === "tests";
  return new Promise((resolve) => {
    let output = "";
    const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
    const child = spawn(step.command, step.args, { env, stdio: ["ignore", "pipe", "pipe"] });
    const take = (chunk: Buffer) => {
      if (loud) process.stdout.write(chunk);
      else output += chunk.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => take(Buffer.from(`${step.command}: ${error.message}\n`)));
    child.on("close", (code) => {
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      if (code !== 0) process.stdout.write(output);
      console.log(`${code === 0 ? "ok  " : "FAIL"} ${step.name} (${seconds} s)`);
      resolve(code === 0);
    });
  });
}

interface Counts {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
  success: boolean;
}

function readCounts(): Counts | undefined {
  try {
    return JSON.parse(readFileSync(results, "utf8")) as Counts;
  } catch {
    return undefined; // The run ended before it could write its report; the step itself failed.
  }
}

const missing = ensureServers();
if (missing.length > 0) {
  console.log(
    `not installed: ${missing.join(", ")}; the suites that need them are skipped by name`,
  );
  if (process.env["REQUIRE_SERVERS"] === "1") {
    console.error("REQUIRE_SERVERS=1: a missing server is a failure");
  }
}
let passed = 0;
let failed = process.env["REQUIRE_SERVERS"] === "1" ? missing.length : 0;
for (const step of steps) {
  const ok = await run(step);
  if (step.name !== "tests") {
    if (ok) passed++;
    else failed++;
    continue;
  }
  const counts = readCounts();
  passed += counts?.numPassedTests ?? 0;
  failed += counts?.numFailedTests ?? 0;
  if (!ok && (counts?.numFailedTests ?? 0) === 0) failed++;
  if ((counts?.numPendingTests ?? 0) > 0)
    console.log(`${counts?.numPendingTests} skipped, named above`);
}
rmSync(report, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
