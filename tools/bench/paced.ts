import { Agent, request } from "node:http";

import { percentile } from "./table.ts";

export interface PacedRequest {
  method: "GET" | "POST";
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

/** Without a byte for so long, a request has failed. */
const TIMEOUT_MS = 10_000;

/**
 * Requests evenly spaced, to the millisecond of a timer: beyond a thousand a second some are sent
 * together. A latency counts from the moment a request was due, so what had to wait behind a slow
 * one is not measured too short; a request that failed has none, and is counted.
 * @param options rate in requests a second, above 0.
 */
export async function paced(options: {
  url: string;
  rate: number;
  seconds: number;
  connections: number;
  requestOf: (n: number) => PacedRequest;
}): Promise<{ p50Ms: number; p99Ms: number; errors: number }> {
  const { url, rate, seconds, requestOf } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const everyMs = 1_000 / rate;
  const total = Math.ceil((1_000 * seconds) / everyMs);
  const latencies: number[] = [];
  let errors = 0;

  const send = (n: number, dueMs: number): Promise<void> =>
    new Promise((resolve) => {
      const { body, path, ...rest } = requestOf(n);
      let isWhole = false;
      const options = { agent, ...rest, timeout: TIMEOUT_MS };
      const outgoing = request(new URL(path, url), options, (response) => {
        response.resume();
        response.once("end", () => {
          isWhole = response.statusCode !== undefined && response.statusCode < 300;
          if (isWhole) latencies.push(performance.now() - dueMs);
        });
      });
      outgoing.once("timeout", () => outgoing.destroy());
      // Told by `close`, which comes after whatever ends a request.
      outgoing.once("error", () => {});
      outgoing.once("close", () => {
        if (!isWhole) errors++;
        resolve();
      });
      outgoing.end(body);
    });

  const answers: Promise<void>[] = [];
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      const elapsedMs = performance.now() - startedAt;
      for (let n = answers.length; n < total && n * everyMs <= elapsedMs; n++) {
        answers.push(send(n, startedAt + n * everyMs));
      }
      if (answers.length === total) resolve();
      else setTimeout(tick, 1);
    };
    tick();
  });
  await Promise.all(answers);
  agent.destroy();
  return { p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99), errors };
}

/** Likes of two thousand people, each with a message id of its own. */
export function pacedEvents(key: string): (n: number) => PacedRequest {
  const run = Date.now();
  return (n) => ({
    method: "POST",
    path: "/api/ingest",
    headers: { "content-type": "application/json", "x-write-key": key },
    body: JSON.stringify({
      type: "track",
      event: "Tip Feedback",
      messageId: `paced-${run}-${n}`,
      userId: `paced-${n % 2_000}`,
      properties: { item_id: `bench-${n % 997}`, reaction: "like" },
    }),
  });
}
