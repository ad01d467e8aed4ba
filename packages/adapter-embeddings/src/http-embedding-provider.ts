import { setTimeout as pause } from "node:timers/promises";

import { headers } from "@signalpath/contracts";
import { RefusedError, UnavailableError, type EmbeddingProvider } from "@signalpath/ports";

import { readVectors } from "./read-vectors.ts";

/** What requests are sent with; the global `fetch` fits. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpEmbeddingOptions {
  /** Base up to and without `/v1/embeddings`, or with it. */
  url: string;
  /** Sent as a bearer token. */
  key?: string | undefined;
  /** Name the server knows its model by. */
  model: string;
  /** Length its vectors must have. */
  dimensions: number;
  /** Texts in one request. */
  batch?: number;
  /** A request without an answer after this is given up, milliseconds. */
  timeoutMs?: number;
  /** Pauses before it is tried again, milliseconds. */
  pausesMs?: readonly number[];
}

const PATH = "/v1/embeddings";
const BATCH = 96;
const TIMEOUT_MS = 30_000;
const PAUSES_MS = [500, 2_000, 8_000];
const MAX_RETRY_AFTER_MS = 30_000;
/** Characters of a text that are sent: servers refuse what is longer than their model reads. */
const MAX_TEXT = 8_000;
/** No answer needs more: 96 vectors of 4,096 numbers take about 8 MB. */
export const MOST_BYTES = 32 * 2 ** 20;
const AGAIN = new Set([408, 409, 425, 429]);

/** Vectors of a server that speaks the embeddings call of OpenAI. */
export function createHttpEmbeddingProvider(
  client: Fetch,
  options: HttpEmbeddingOptions,
): EmbeddingProvider {
  const { model, dimensions, key, batch = BATCH, timeoutMs = TIMEOUT_MS } = options;
  const { pausesMs = PAUSES_MS } = options;
  const base = options.url.replace(/\/+$/, "");
  const url = base.endsWith(PATH) ? base : `${base.replace(/\/v1$/, "")}${PATH}`;

  async function once(texts: readonly string[], signal: AbortSignal | undefined) {
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await client(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({ model, input: texts, encoding_format: "float" }),
      redirect: "error",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (response.ok) return { body: await textOf(response, MOST_BYTES) };
    await response.body?.cancel();
    const { status } = response;
    if (status < 500 && !AGAIN.has(status)) {
      throw new RefusedError(`the provider of vectors answers ${status}`);
    }
    return { status, waitMs: retryAfterMs(response.headers.get(headers.retryAfter)) };
  }

  async function ask(texts: readonly string[], signal: AbortSignal | undefined): Promise<string> {
    for (let tries = 0; ; tries++) {
      signal?.throwIfAborted();
      let waitMs: number | undefined;
      let cause: unknown;
      try {
        const answer = await once(texts, signal);
        if (answer.body !== undefined) return answer.body;
        waitMs = answer.waitMs;
        cause = new Error(`status ${answer.status}`);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof RefusedError) throw error;
        cause = error;
      }
      const pauseMs = pausesMs[tries];
      if (pauseMs === undefined) {
        throw new UnavailableError("embeddings", "the provider of vectors is away", { cause });
      }
      await pause(waitMs ?? pauseMs, undefined, signal === undefined ? {} : { signal });
    }
  }

  const embed: EmbeddingProvider["embed"] = async (texts, { signal, onFraction } = {}) => {
    signal?.throwIfAborted();
    if (texts.some((text) => text.trim() === "")) {
      throw new RefusedError("a text of nothing has no vector");
    }
    const vectors: Float32Array[] = [];
    for (let at = 0; at < texts.length; at += batch) {
      const part = texts.slice(at, at + batch).map(cut);
      const body = await ask(part, signal);
      vectors.push(...readVectors(body, { count: part.length, dimensions }));
      onFraction?.(vectors.length / texts.length);
    }
    return vectors;
  };

  return { model, dimensions, embed, check: async () => void (await embed(["check"])) };
}

/** @throws RefusedError for more than `most` bytes, of which no more are read. */
async function textOf(response: Response, most: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > most) throw new RefusedError("the provider of vectors answers without end");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Half a surrogate pair at the cut would be no text. */
function cut(text: string): string {
  return text.slice(0, MAX_TEXT).toWellFormed();
}

/** Seconds only: a date would hang on the clocks of two machines. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null || !/^\d{1,6}$/.test(header)) return undefined;
  return Math.min(Number(header) * 1_000, MAX_RETRY_AFTER_MS);
}
