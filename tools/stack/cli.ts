import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { programOf } from "./programs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `signalpath <args>` as a process; with `onStart` a test may kill it on its way. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  onStart?: (pid: number) => void,
): Promise<CliResult> {
  const program = await programOf("cli");
  return new Promise((resolve, reject) => {
    const child = spawn("node", [...program, ...args], {
      cwd: root,
      env: { PATH: process.env["PATH"] ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => void (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => void (stderr += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
    if (child.pid !== undefined) onStart?.(child.pid);
  });
}

/** The same for a command that must succeed; answers its `--json` output. */
export async function cliJson<T>(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const done = await runCli([...args, "--json"], env);
  if (done.code !== 0)
    throw new Error(`signalpath ${args.join(" ")}: ${done.stderr}${done.stdout}`);
  return JSON.parse(done.stdout) as T;
}
