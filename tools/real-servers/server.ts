import { chown, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startChild, type Child, type ChildSpec } from "./child.ts";

/** A real server on a loopback port of its own with a temporary directory of its own. */
export interface RealServer {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Undefined while it is down. */
  pid(): number | undefined;
  log(): string;
  /** Starts it again on the same port and directory after `kill`. */
  start(): Promise<void>;
  /** Sends a signal; resolves when the process is gone (stopped for SIGSTOP, at once for SIGCONT). */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it and removes its directory. May be called twice. */
  stop(): Promise<void>;
}

export interface ServerSpec {
  url: string;
  port: number;
  dir: string;
  child: Omit<ChildSpec, "cwd" | "timeoutMs">;
  /** The signal of an orderly shutdown. */
  stopSignal: NodeJS.Signals;
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

/** Temporary directory of one server, owned by the user it will run as. Its name tells our pid. */
export async function serverDir(
  name: string,
  owner?: { uid: number; gid: number },
): Promise<string> {
  await sweepAbandoned();
  const dir = await mkdtemp(join(tmpdir(), `signalpath-${name}-${process.pid}-`));
  if (owner !== undefined) await chown(dir, owner.uid, owner.gid);
  return dir;
}

/** Removes what a run left behind that was killed before it could. */
async function sweepAbandoned(): Promise<void> {
  for (const entry of await readdir(tmpdir())) {
    const pid = /^signalpath-(?:nats|redis|postgres)-(\d+)-/.exec(entry)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(tmpdir(), entry), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process exists too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Resolves when the kernel has stopped the process: the signal alone is only a request. */
async function stopped(pid: number): Promise<void> {
  for (;;) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    // No such file: another system, where there is nothing to ask.
    if (status === "" || /^State:\s+[TtZX]/m.test(status)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Starts what `spec` describes and answers a handle on it. */
export async function runServer(spec: ServerSpec): Promise<RealServer> {
  let child: Child | undefined;
  let earlierLog = "";

  async function start(): Promise<void> {
    if (child?.alive() === true) return;
    earlierLog += child?.log() ?? "";
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      try {
        child = await startChild({ ...spec.child, cwd: spec.dir, timeoutMs: START_TIMEOUT_MS });
        return;
      } catch (error) {
        // After kill -9 the helpers of a Postgres server need a moment to notice that it is gone.
        const busy = error instanceof Error && /still in use|already in use/.test(error.message);
        if (!busy || Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async function kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    child?.signal(signal);
    if (signal === "SIGSTOP" && child !== undefined) await stopped(child.pid);
    if (signal === "SIGSTOP" || signal === "SIGCONT") return;
    await child?.gone;
  }

  async function stop(): Promise<void> {
    if (child?.alive() === true) {
      // A stopped process would never see the signal that ends it.
      child.signal("SIGCONT");
      child.signal(spec.stopSignal);
      const timer = setTimeout(() => child?.signal("SIGKILL"), STOP_TIMEOUT_MS);
      await child.gone;
      clearTimeout(timer);
    }
    await rm(spec.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  try {
    await start();
  } catch (error) {
    await rm(spec.dir, { recursive: true, force: true });
    throw error;
  }
  return {
    url: spec.url,
    port: spec.port,
    dir: spec.dir,
    pid: () => (child?.alive() === true ? child.pid : undefined),
    log: () => earlierLog + (child?.log() ?? ""),
    start,
    kill,
    stop,
  };
}
