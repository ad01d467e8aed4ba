import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const COMMAND = "python3";

export interface PythonRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Why Python cannot be run here; undefined when it can. */
function whyNoPython(): string | undefined {
  const check = "import sys; sys.exit(sys.version_info < (3, 9))";
  const { error, status } = spawnSync(COMMAND, ["-c", check]);
  if (error !== undefined) return `${COMMAND} is not installed`;
  return status === 0 ? undefined : `${COMMAND} is older than 3.9`;
}

/** Runs Python in the repository with the package on its path. Leaves no compiled files behind. */
export function runPython(
  args: readonly string[],
  { env = {}, input = "" }: { env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<PythonRun> {
  const child = spawn(COMMAND, ["-B", ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", PYTHONPATH: "python", PYTHONUTF8: "1", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** JSON that a script printed. Fails with what it said when it did not end well. */
export async function askPython(
  script: string,
  options: { env?: Readonly<Record<string, string>>; input?: unknown } = {},
): Promise<unknown> {
  const { env = {}, input } = options;
  const { code, stdout, stderr } = await runPython(["-c", script], {
    env,
    input: JSON.stringify(input ?? null),
  });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** A suite that runs Python; without one it is skipped by name, with REQUIRE_SERVERS=1 it fails. */
export function describeWithPython(name: string, suite: () => void): void {
  const missing = whyNoPython();
  if (missing === undefined) {
    describe(name, () => {
      suite();
    });
    return;
  }
  if (process.env["REQUIRE_SERVERS"] === "1") {
    test(name, () => expect.fail(`REQUIRE_SERVERS=1, but ${missing}`));
    return;
  }
  test(`${name} [${missing}]`, ({ skip }) => skip());
}
