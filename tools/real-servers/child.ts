import { spawn, type ChildProcess } from "node:child_process";

import { findBinary } from "./binaries.ts";

const LOG_TAIL = 64 * 1024;

export interface ChildSpec {
  command: string;
  args: readonly string[];
  cwd: string;
  /** Run as this user (only root may ask for it). */
  uid?: number | undefined;
  gid?: number | undefined;
  /** Log text that says: connections are taken from now on. */
  ready: RegExp;
  /** Milliseconds until a start that says nothing counts as failed. */
  timeoutMs: number;
}

export interface Child {
  pid: number;
  alive(): boolean;
  /** What it wrote, newest 64 kB. */
  log(): string;
  signal(name: NodeJS.Signals): void;
  /** Resolves when the process is gone. */
  gone: Promise<void>;
}

/**
 * Starts a server and waits until its log says that it is ready.
 * Throws with the end of the log when it exits or stays silent. Where `setpriv` exists the kernel
 * ends the child together with the thread that started it, so that not even a killed test run
 * leaves a server behind.
 */
export async function startChild(spec: ChildSpec): Promise<Child> {
  const setpriv = findBinary("setpriv");
  const [command, args] =
    setpriv === undefined
      ? [spec.command, spec.args]
      : [setpriv, ["--pdeathsig", "KILL", "--", spec.command, ...spec.args]];
  const child = spawn(command, args, {
    cwd: spec.cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], LANG: "C", LC_ALL: "C" },
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const log = await untilReady(child, spec);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${spec.command} has no pid`);
  const alive = () => child.exitCode === null && child.signalCode === null;
  return { pid, alive, log, gone, signal: (name) => void (alive() && child.kill(name)) };
}

function untilReady(child: ChildProcess, spec: ChildSpec): Promise<() => string> {
  let log = "";
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`${spec.command} ${why}\n${log.slice(-4000)}`));
    };
    const timer = setTimeout(() => fail(`not ready after ${spec.timeoutMs} ms`), spec.timeoutMs);
    const read = (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-LOG_TAIL);
      if (!spec.ready.test(log)) return;
      clearTimeout(timer);
      resolve(() => log);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", (cause) => fail(`could not be started: ${cause.message}`));
    child.once("exit", (code, signal) => fail(`ended early (${code ?? signal})`));
  });
}
