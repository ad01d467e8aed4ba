import { errorBody, headers } from "@signalpath/contracts";
import type { z } from "zod";

import { CliError, EXIT } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** First pause and longest pause between two attempts, milliseconds. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** One attempt may take this long, milliseconds. */
const ATTEMPT_MS = 60_000;
const RETRIED = new Set([429, 502, 503, 504]);

export interface Call<S extends z.ZodType> {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  /** Bytes instead of JSON, opened anew for each attempt; may take as long as they need, or until Ctrl-C. */
  raw?: () => { body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>; type: string };
  /** What a second time would do again: not tried again once a connection was made and broke. */
  once?: true;
  response: S;
}

export interface Client {
  /**
   * One call, tried again on 429, 502, 503, 504 and connection errors until `giveUpMs` have passed.
   * @throws CliError with the service's code: exit 3 when refused, 4 when it stayed unavailable.
   */
  call<S extends z.ZodType>(call: Call<S>): Promise<z.output<S>>;
}

export interface ClientOptions {
  url: string;
  /** Headers that carry the key. */
  auth: Readonly<Record<string, string>>;
  /** How long one call may go on failing, milliseconds. */
  giveUpMs: number;
  /** Told before every pause. */
  onRetry?: (reason: string, pauseMs: number) => void;
}

export function apiKeyHeader(key: string): Record<string, string> {
  return { [headers.apiKey]: key };
}

export function writeKeyHeader(key: string): Record<string, string> {
  return { [headers.writeKey]: key };
}

type Attempt = { ok: true; value: unknown } | { ok: false; error: CliError; waitMs: number };

/** HTTP with the service's errors and a patient retry. */
export function createClient(io: Io, options: ClientOptions): Client {
  /** Bytes that Ctrl-C cut off; whether all of them had arrived only the service knows. */
  function throwIfStopped(call: Call<z.ZodType>): void {
    if (call.raw === undefined || !io.signal.aborted) return;
    const message = "stopped while it was sent; look before sending it again";
    throw new CliError("INTERRUPTED", message, EXIT.interrupted);
  }
  async function attempt(call: Call<z.ZodType>): Promise<Attempt> {
    let response: Response;
    try {
      response = await io.fetch(urlOf(options.url, call), requestOf(options, call, io.signal));
    } catch (cause) {
      throwIfStopped(call);
      const error = new CliError(
        "CONNECTION_FAILED",
        `${options.url} cannot be reached: ${reasonOf(cause)}`,
        EXIT.unavailable,
        { cause },
      );
      if (call.once === true && reasonOf(cause) !== "ECONNREFUSED") throw error;
      return { ok: false, error, waitMs: 0 };
    }
    let text: string;
    try {
      text = await response.text();
    } catch (cause) {
      throwIfStopped(call);
      const message = `${options.url} broke off its answer: ${reasonOf(cause)}`;
      const error = new CliError("CONNECTION_FAILED", message, EXIT.unavailable, { cause });
      if (call.once === true) throw error;
      return { ok: false, error, waitMs: 0 };
    }
    if (response.ok) return { ok: true, value: parse(text) };
    const error = refusal(response.status, text, call);
    if (!RETRIED.has(response.status)) throw error;
    return { ok: false, error, waitMs: retryAfterMs(response, io.now()) };
  }

  return {
    async call(call) {
      const startedAt = io.now();
      for (let tries = 0; ; tries++) {
        const answer = await attempt(call);
        if (answer.ok) return checked(call, answer.value);
        const backoff = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
        // Half fixed, half random: many clients do not come back in step.
        const pauseMs = Math.max(answer.waitMs, Math.round(backoff * (0.5 + io.random() / 2)));
        const spent = io.now() - startedAt + pauseMs;
        if (spent > options.giveUpMs || io.signal.aborted) throw answer.error;
        options.onRetry?.(answer.error.message, pauseMs);
        await io.sleep(pauseMs);
      }
    },
  };
}

function urlOf(base: string, call: Call<z.ZodType>): URL {
  const url = new URL(base + call.path);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function requestOf(
  options: ClientOptions,
  call: Call<z.ZodType>,
  stopped: AbortSignal,
): RequestInit {
  const raw = call.raw?.();
  const type = call.body === undefined ? raw?.type : "application/json";
  const body = call.body === undefined ? raw?.body : JSON.stringify(call.body);
  return {
    method: call.method,
    // A redirect would turn a POST into a GET that succeeds and stores nothing.
    redirect: "error",
    ...(raw === undefined
      ? { signal: AbortSignal.timeout(ATTEMPT_MS) }
      : { duplex: "half", signal: stopped }),
    headers: {
      ...options.auth,
      accept: "application/json",
      "user-agent": "signalpath-cli",
      ...(type === undefined ? {} : { "content-type": type }),
    },
    ...(body === undefined ? {} : { body }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function checked<S extends z.ZodType>(call: Call<S>, value: unknown): z.output<S> {
  const parsed = call.response.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CliError(
    "UNEXPECTED_ANSWER",
    `${call.method} ${call.path} answered something else than a Signalpath service does`,
    EXIT.refused,
    { cause: parsed.error },
  );
}

function refusal(status: number, text: string, call: Call<z.ZodType>): CliError {
  const exitCode = RETRIED.has(status) || status >= 500 ? EXIT.unavailable : EXIT.refused;
  const parsed = errorBody.safeParse(parse(text));
  if (!parsed.success) {
    const message = `${call.method} ${call.path} answered ${status}`;
    return new CliError(`HTTP_${status}`, message, exitCode, { details: { status } });
  }
  const { code, detail, request_id, errors } = parsed.data;
  const issues = (errors ?? [])
    .filter(({ message }) => !detail.includes(message))
    .map((issue) => `; ${issue.path}: ${issue.message}`)
    .join("");
  return new CliError(code, `${detail}${issues}`, exitCode, {
    details: { status, request_id, ...(errors === undefined ? {} : { errors }) },
  });
}

function retryAfterMs(response: Response, nowMs: number): number {
  const value = response.headers.get(headers.retryAfter)?.trim();
  if (value === undefined || value === "") return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs);
}

function reasonOf(thrown: unknown): string {
  const inner = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code = (inner as { code?: unknown } | undefined)?.code;
  if (typeof code === "string" && code !== "") return code;
  return inner instanceof Error ? inner.message : String(inner);
}
