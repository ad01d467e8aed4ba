import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";

import { ingestResponse } from "@signalpath/contracts";

import {
  apiKeyHeader,
  createClient,
  writeKeyHeader,
  type Client,
  type ClientOptions,
} from "../client.ts";
import { CliError, EXIT, usageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Settings } from "../settings.ts";
import { addAnswer, noCounts, type ReplayCounts } from "./counts.ts";
import type { ReplayEvent, ReplaySource } from "./event.ts";
import { openJsonl } from "./jsonl.ts";
import { createLanes } from "./lanes.ts";
import { openMovieLens } from "./movielens.ts";
import { batchUnderRate, createPace } from "./pace.ts";
import { createStateWriter, defaultStatePath, readState, type ReplayState } from "./state.ts";

export interface ReplayOptions {
  /** Events a second over all lanes; undefined = flat out. */
  rate?: number;
  batch: number;
  concurrency: number;
  /** Anchor of the times of a MovieLens folder, ISO 8601. */
  until?: string;
  resume: boolean;
  state?: string;
  /** Stops after this many entries of the source. */
  limit?: number;
  users?: readonly string[];
  giveUpMs: number;
}

export interface ReplayWatch {
  onStart?: (facts: { source: ReplaySource; until: string; from: number; total: number }) => void;
  onProgress?: (done: number) => void;
  onRetry?: ClientOptions["onRetry"];
}

export interface ReplayResult {
  counts: ReplayCounts;
  /** Events stored by this run, and how long it took. */
  run: { sent: number; seconds: number };
  until: string;
  done: number;
  total: number;
  statePath: string;
  interrupted: boolean;
}

async function isMovieLens(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isDirectory()) return false;
  } catch {
    throw usageError(`${path} cannot be read`);
  }
  return stat(join(path, "ratings.csv")).then(
    () => true,
    () => false,
  );
}

/** A client that ingest lets in: the key given may be a source's write key or an API key. */
async function openIngest(
  io: Io,
  settings: Settings,
  options: Omit<ClientOptions, "auth" | "url">,
) {
  const key = settings.key("write_key");
  const probe = {
    method: "POST",
    path: "/api/ingest",
    body: [],
    response: ingestResponse,
  } as const;
  const bySource = createClient(io, { ...options, url: settings.url, auth: writeKeyHeader(key) });
  try {
    await bySource.call(probe);
    return bySource;
  } catch (error) {
    const refused = error instanceof CliError && error.code === "KEY_INVALID";
    if (!refused || settings.givenKey === undefined) throw error;
  }
  const byKey = createClient(io, { ...options, url: settings.url, auth: apiKeyHeader(key) });
  await byKey.call(probe);
  return byKey;
}

function anchorOf(options: ReplayOptions, state: ReplayState | undefined, nowMs: number): string {
  const asked = options.until ?? state?.until;
  const ms = asked === undefined ? Math.floor(nowMs / 1_000) * 1_000 : Date.parse(asked);
  if (Number.isNaN(ms)) throw usageError(`--until is no time: ${asked}`);
  return new Date(ms).toISOString();
}

async function stateToResume(path: string, source: string): Promise<ReplayState> {
  const state = await readState(path);
  if (state === undefined) throw usageError(`nothing to resume: there is no ${path}`);
  if (state.source !== source) throw usageError(`${path} is about ${state.source}`);
  return state;
}

function refuseOtherSource(state: ReplayState, now: Omit<ReplayState, "done" | "counts">): void {
  for (const name of ["fingerprint", "until", "users"] as const) {
    if (state[name] !== now[name]) {
      throw usageError(
        `cannot resume: ${name} was ${state[name] || "all"}, is ${now[name] || "all"}`,
      );
    }
  }
}

/**
 * Sends every event of a source to ingest, at least once, in the order of time for each person.
 * The state file says how far it came; a resumed run sends what is not known to be stored.
 * @throws CliError when the service refuses a request or stays away longer than `giveUpMs`.
 */
export async function replay(
  io: Io,
  settings: Settings,
  path: string,
  options: ReplayOptions,
  watch: ReplayWatch = {},
): Promise<ReplayResult> {
  const sourcePath = resolve(path);
  const statePath = options.state ?? defaultStatePath(settings.dataDir, path, settings.url);
  const before = options.resume ? await stateToResume(statePath, sourcePath) : undefined;
  const until = anchorOf(options, before, io.now());
  const movieLens = await isMovieLens(path);
  if (!movieLens && options.until !== undefined) {
    throw usageError("--until is for a MovieLens folder: recorded events keep their times");
  }
  const users = options.users === undefined ? {} : { users: new Set(options.users) };
  const source = movieLens
    ? await openMovieLens(path, { untilMs: Date.parse(until), ...users })
    : await openJsonl(path, users);
  const facts = {
    version: 1 as const,
    source: sourcePath,
    fingerprint: source.fingerprint,
    url: settings.url,
    until,
    users: (options.users ?? []).toSorted().join(","),
  };
  if (before !== undefined) refuseOtherSource(before, facts);
  const from = before?.done ?? 0;
  const total = Math.min(source.total, options.limit ?? source.total);
  const retry = watch.onRetry === undefined ? {} : { onRetry: watch.onRetry };
  const client = await openIngest(io, settings, { giveUpMs: options.giveUpMs, ...retry });
  watch.onStart?.({ source, until, from, total });
  const sending = { io, client, source, options, from, total };
  const counts = before?.counts ?? noCounts();
  const sent = await sendAll(sending, { statePath, facts, counts, done: from }, watch);
  return { ...sent, until, total, statePath };
}

interface Sending {
  io: Io;
  client: Client;
  source: ReplaySource;
  options: ReplayOptions;
  from: number;
  total: number;
}

async function sendAll(
  { io, client, source, options, from, total }: Sending,
  ledger: {
    statePath: string;
    facts: Omit<ReplayState, "done" | "counts">;
    counts: ReplayCounts;
    done: number;
  },
  watch: ReplayWatch,
): Promise<Pick<ReplayResult, "counts" | "run" | "done" | "interrupted">> {
  const writer = createStateWriter(ledger.statePath);
  let { counts, done } = ledger;
  const sentBefore = counts.sent;
  const save = () => writer.save({ ...ledger.facts, done, counts });
  const lanes = createLanes({
    lanes: options.concurrency,
    batch: batchUnderRate(options.batch, options.rate, options.concurrency),
    send: async (events: readonly ReplayEvent[]) => {
      const body = events.map((event) => event.body);
      const call = { method: "POST", path: "/api/ingest", body, response: ingestResponse } as const;
      const answer = await client.call(call);
      counts = addAnswer(counts, answer);
    },
    onProgress: (watermark) => {
      done = Math.max(done, watermark);
      save();
      watch.onProgress?.(done);
    },
  });
  const due = createPace(io, options.rate);
  const startedAt = io.now();
  let interrupted = false;
  save();
  try {
    for await (const entry of source.events()) {
      if (entry.index >= total) break;
      if (entry.index < from) {
        lanes.skip(entry.index);
        continue;
      }
      interrupted = io.signal.aborted;
      if (interrupted) break;
      if ("reason" in entry) {
        counts = { ...counts, unreadable: counts.unreadable + 1 };
        io.err(`${entry.reason}\n`);
        lanes.skip(entry.index);
        continue;
      }
      await due();
      await lanes.push(entry);
    }
    await lanes.finish();
  } catch (error) {
    await writer.flush();
    throw withResumeHint(error, done, total, ledger.statePath);
  }
  await writer.flush();
  const seconds = Math.max(0.001, (io.now() - startedAt) / 1_000);
  return { counts, done, interrupted, run: { sent: counts.sent - sentBefore, seconds } };
}

function withResumeHint(error: unknown, done: number, total: number, statePath: string): unknown {
  if (!(error instanceof CliError)) return error;
  const message = `${error.message}; ${done} of ${total} are stored, go on with --resume`;
  const exitCode = error.exitCode === EXIT.unavailable ? EXIT.unavailable : error.exitCode;
  const details = { ...error.details, done, total, state: statePath };
  return new CliError(error.code, message, exitCode, { cause: error, details });
}
