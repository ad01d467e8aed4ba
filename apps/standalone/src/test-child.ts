import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { withParent } from "@signalpath/stack/app-process.ts";
import type { Credentials } from "./credentials.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const READY_MS = 90_000;

/** The standalone as a child process. For tests of this app only. */
export interface Child {
  pid: number;
  credentials: Credentials;
  /** What it printed so far. */
  output: () => string;
  kill: (signal: NodeJS.Signals) => Promise<number | null>;
  get: (path: string, key?: string) => Promise<Response>;
  send: (events: unknown) => Promise<Response>;
}

export interface Exit {
  code: number | null;
  output: string;
}

export function tempDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), "signalpath-standalone-"));
}

export async function removeDataDir(dataDir: string): Promise<void> {
  await rm(dataDir, { recursive: true, force: true });
}

function launch(env: Readonly<Record<string, string>>) {
  const child = spawn(
    ...withParent([process.execPath, "--import", "tsx", "apps/standalone/src/main.ts"]),
    {
      cwd: root,
      env: { PORT: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const take = (chunk: Buffer) => void (output += chunk.toString());
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const gone = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, gone, output: () => output };
}

/** Runs it to its end: a start that must fail. */
export async function runToExit(env: Readonly<Record<string, string>>): Promise<Exit> {
  const { gone, output } = launch(env);
  const code = await gone;
  return { code, output: output() };
}

/** Starts it on a free port and waits until it says that it is ready. */
export async function startChild(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Child> {
  const running = launch({ SIGNALPATH_DATA_DIR: dataDir, SIGNALPATH_DEMO: "off", ...env });
  const { child, gone, output } = running;
  const deadline = Date.now() + READY_MS;
  while (!output().includes("Ctrl-C stops.")) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`not ready (exit ${child.exitCode})\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const file = await readFile(join(dataDir, "credentials.json"), "utf8");
  const credentials = JSON.parse(file) as Credentials;
  return {
    pid: child.pid ?? 0,
    credentials,
    output,
    kill: (signal) => {
      child.kill(signal);
      return gone;
    },
    get: (path, key = credentials.api_key) =>
      fetch(credentials.url + path, { headers: { "x-api-key": key } }),
    send: (events) =>
      fetch(`${credentials.url}/api/ingest`, {
        method: "POST",
        headers: { "x-write-key": credentials.write_key, "content-type": "application/json" },
        body: JSON.stringify(events),
      }),
  };
}

/** Asks again until there is an answer. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error("nothing came of it in 30 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
