import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

import { findBinary } from "@signalpath/real-servers/binaries.ts";
import { programOf } from "./programs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const READY_MS = 240_000;
const KEPT_LOG = 200_000;

/** One of our apps as a process of its own. */
export interface AppProcess {
  readonly name: string;
  /** `http://127.0.0.1:<port>`; the same after a restart. */
  readonly url: string;
  pid(): number | undefined;
  log(): string;
  /** Resolves with the exit code (null after a kill) when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Starts it again on the same port after `kill`. */
  start(): Promise<void>;
}

interface Running {
  child: ChildProcess;
  gone: Promise<number | null>;
}

/** Starts `apps/<name>` on a free loopback port and waits until it says `ready`. */
export async function startApp(
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<AppProcess> {
  return start(name, await programOf(name), env);
}

async function start(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<AppProcess> {
  let log = "";
  let url = "";
  let running: Running | undefined;

  function launch(port: string): Promise<void> {
    const child = spawn(...withParent(["node", ...args]), {
      cwd: root,
      env: { PATH: process.env["PATH"] ?? "", HOST: "127.0.0.1", ...env, PORT: port },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const gone = new Promise<number | null>((resolve) => child.once("close", resolve));
    running = { child, gone };
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`${name} was not ready in ${READY_MS} ms\n${log}`));
      }, READY_MS);
      let pending = "";
      const take = (chunk: Buffer) => {
        log = (log + chunk.toString()).slice(-KEPT_LOG);
        pending += chunk.toString();
        const lines = pending.split("\n");
        pending = lines.pop() ?? "";
        const found = lines.map(readyUrl).find((one) => one !== undefined);
        if (found === undefined) return;
        url = found;
        clearTimeout(late);
        resolve();
      };
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      child.once("close", (code) => {
        clearTimeout(late);
        reject(new Error(`${name} ended with ${code} before it was ready\n${log}`));
      });
    });
  }

  await launch("0");
  return {
    name,
    url,
    pid: () => running?.child.pid,
    log: () => log,
    async kill(signal) {
      running?.child.kill(signal);
      return (await running?.gone) ?? null;
    },
    start: () => launch(new URL(url).port),
  };
}

/** Where `setpriv` exists the kernel ends the child with its parent: a killed test run leaves nothing. */
export function withParent(command: readonly string[]): [string, string[]] {
  const setpriv = findBinary("setpriv");
  const [first = "node", ...rest] = command;
  return setpriv === undefined
    ? [first, rest]
    : [setpriv, ["--pdeathsig", "KILL", "--", ...command]];
}

function readyUrl(line: string): string | undefined {
  if (!line.includes('"ready"')) return undefined;
  const entry = JSON.parse(line) as { msg?: string; url?: string };
  return entry.msg === "ready" ? entry.url : undefined;
}
