import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { CliError, EXIT, usageError } from "../../exit-codes.ts";
import { readIfThere, type Io } from "../../io.ts";
import type { GlobalOptions } from "../../settings.ts";

const ROOT = fileURLToPath(new URL("../../../../..", import.meta.url));
const ENTRY = "apps/standalone/src/main.ts";
const READY_MS = 120_000;
const POLL_MS = 100;
/** Every person's list is asked for at once, which is no load to be kept from others here. */
const RATE_LIMIT = "1000000/minute";
/** What is told of a process that ended before it was ready. */
const KEPT_LOG = 2_000;

/** A standalone of its own, with an empty data directory that goes with it. */
export interface OwnStandalone {
  dataDir: string;
  /** How other parts of a command find it. */
  options: GlobalOptions;
  stop(): Promise<void>;
}

/**
 * Starts one on a free port and waits until it takes requests. From a checkout only: a bundle of the
 * CLI has no standalone beside it.
 * @throws CliError.
 */
export async function startStandalone(io: Io): Promise<OwnStandalone> {
  if (!existsSync(join(ROOT, ENTRY))) {
    throw usageError("there is no standalone to start here: name a running system with --url");
  }
  const dataDir = await mkdtemp(join(tmpdir(), "signalpath-evaluate-"));
  const child = spawn(process.execPath, ["--import", "tsx", ENTRY], {
    cwd: ROOT,
    env: {
      ...io.env,
      PORT: "0",
      HOST: "127.0.0.1",
      SIGNALPATH_DATA_DIR: dataDir,
      SIGNALPATH_DEMO: "off",
      INFERENCE_RATE_LIMIT: RATE_LIMIT,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  const take = (chunk: Buffer) => void (log = (log + chunk.toString()).slice(-KEPT_LOG));
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGINT");
    await gone;
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return { dataDir, options: { dataDir }, stop };

  async function ready(): Promise<void> {
    const deadline = io.now() + READY_MS;
    while (io.now() < deadline) {
      io.signal.throwIfAborted();
      if (child.exitCode !== null || child.signalCode !== null) break;
      const text = await readIfThere(join(dataDir, "credentials.json"));
      if (text !== undefined && (await answers(text))) return;
      await io.sleep(POLL_MS);
    }
    throw new CliError("UNAVAILABLE", `no standalone came up: ${log}`, EXIT.unavailable);
  }

  async function answers(credentials: string): Promise<boolean> {
    const { url } = JSON.parse(credentials) as { url: string };
    return io.fetch(`${url}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    );
  }
}
