import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { freePort } from "@signalpath/real-servers/free-port.ts";
import { withParent } from "./app-process.ts";
import { programOf } from "./programs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** A start that takes longer has failed, also on the slowest machine that runs everything at once. */
const READY_MS = 240_000;

/** The standalone as a process of its own on a data directory of its own. */
export interface StandaloneProcess {
  url: string;
  dataDir: string;
  keys: { write: string; api: string; admin: string };
  log(): string;
  pid(): number | undefined;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Starts it again on the same port and data directory. */
  start(): Promise<void>;
  /** Ends it and removes the data directory. */
  stop(): Promise<void>;
}

export async function startStandalone(
  options: { demo: boolean; env?: Readonly<Record<string, string>> } = { demo: false },
): Promise<StandaloneProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), "signalpath-standalone-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let log = "";
  let child: ChildProcess | undefined;
  let gone: Promise<number | null> = Promise.resolve(null);
  const keys = { write: "", api: "", admin: "" };
  const program = await programOf("standalone");

  async function start(): Promise<void> {
    const started = spawn(...withParent(["node", ...program]), {
      cwd: root,
      env: {
        PATH: process.env["PATH"] ?? "",
        PORT: String(port),
        SIGNALPATH_DATA_DIR: dataDir,
        SIGNALPATH_DEMO: options.demo ? "on" : "off",
        ...options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    gone = new Promise((resolve) => started.once("close", resolve));
    const take = (chunk: Buffer) => void (log = (log + chunk.toString()).slice(-200_000));
    started.stdout.on("data", take);
    started.stderr.on("data", take);
    await ready(started);
    const file = await readFile(join(dataDir, "credentials.json"), "utf8");
    const read = JSON.parse(file) as Record<"write_key" | "api_key" | "admin_key", string>;
    Object.assign(keys, { write: read.write_key, api: read.api_key, admin: read.admin_key });
  }

  async function ready(started: ChildProcess): Promise<void> {
    const deadline = Date.now() + READY_MS;
    let last = "no answer";
    while (Date.now() < deadline) {
      const ended = started.exitCode ?? started.signalCode;
      if (ended !== null) throw new Error(`ended with ${ended}\n${log}`);
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(
        () => undefined,
      );
      if (answer?.status === 200) return;
      if (answer !== undefined) last = `${answer.status} ${await answer.text()}`;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`not ready after ${READY_MS / 1_000} s: ${last}\n${log}`);
  }

  const kill = (signal: NodeJS.Signals) => {
    child?.kill(signal);
    return gone;
  };
  await start();
  return {
    url,
    dataDir,
    keys,
    log: () => log,
    pid: () => child?.pid,
    kill,
    start,
    async stop() {
      await kill("SIGINT");
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
