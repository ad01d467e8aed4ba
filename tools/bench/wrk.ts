import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface LoadResult {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers that were no 2xx or 3xx, and socket errors. */
  errors: number;
}

export interface Load {
  url: string;
  connections: number;
  seconds: number;
  /** Lua for wrk: a `request` function; absent = GET of the url. */
  script?: string;
  headers?: Readonly<Record<string, string>>;
}

/** One run of wrk, a process of its own with one thread. @throws when wrk is not installed. */
export async function load(options: Load): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), "signalpath-wrk-"));
  try {
    const script = join(folder, "load.lua");
    await writeFile(script, options.script ?? "");
    const headers = Object.entries(options.headers ?? {}).flatMap(([name, value]) => [
      "-H",
      `${name}: ${value}`,
    ]);
    const output = await run([
      "-t1",
      `-c${options.connections}`,
      `-d${options.seconds}s`,
      "--latency",
      "--timeout",
      "10s",
      "-s",
      script,
      ...headers,
      options.url,
    ]);
    return parse(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("wrk", args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => void (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => void (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve(output) : reject(new Error(`wrk ended with ${code}\n${output}`)),
    );
  });
}

const UNIT_MS: Record<string, number> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

function milliseconds(output: string, percentile: string): number {
  const match = new RegExp(`^\\s+${percentile}%\\s+([\\d.]+)(us|ms|s|m)$`, "m").exec(output);
  return Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ""] ?? Number.NaN);
}

function parse(output: string): LoadResult {
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(output);
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(output);
  const socket = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(
    output,
  );
  const socketErrors = (socket?.slice(1) ?? []).reduce((sum, text) => sum + Number(text), 0);
  return {
    requestsPerSecond: Number(rate?.[1]),
    p50Ms: milliseconds(output, "50"),
    p99Ms: milliseconds(output, "99"),
    errors: Number(refused?.[1] ?? 0) + socketErrors,
  };
}

/** A run's middle value: of several runs the one with the median request rate. */
export function middle(runs: readonly LoadResult[]): LoadResult {
  const sorted = runs.toSorted((a, b) => a.requestsPerSecond - b.requestsPerSecond);
  return sorted[Math.floor(sorted.length / 2)] as LoadResult;
}
