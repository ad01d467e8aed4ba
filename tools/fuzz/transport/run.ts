import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";

import { headers } from "@signalpath/contracts";
import { serve } from "@signalpath/service-kit";

import { openWorld } from "../world.ts";
import { transportCases } from "./cases.ts";

const MB = 1024 * 1024;
/** The usual patience would take minutes. */
const PATIENCE = { headersMs: 700, requestMs: 1_000, checkMs: 100 };
const NEIGHBOUR_PAUSE_MS = 5;

export interface TransportRun {
  /** Answers a case may not have, by its name. */
  flaws: string[];
  cases: { name: string; connections: number; statuses: number[]; ms: number }[];
  /** A well-behaved sender meanwhile: how often it was not answered 200, and how long it waited. */
  neighbour: { sent: number; failed: number; p50Ms: number; p99Ms: number; maxMs: number };
  loopDelayMs: { p99: number; max: number };
  /** Of this process, clients included. */
  peakRssGrowthMb: number;
}

/** Every ill-mannered client in turn against a real server, with a neighbour that is none. */
export async function runTransport(): Promise<TransportRun> {
  const world = await openWorld();
  const cases = transportCases();
  const server = await serve((request, env) => world.fetch(request, env), {
    host: "127.0.0.1",
    port: 0,
    patience: PATIENCE,
  });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const neighbour = startNeighbour(server.url, world.keys.write);
  const run: Pick<TransportRun, "flaws" | "cases"> = { flaws: [], cases: [] };
  const rss = process.memoryUsage().rss;
  let peak = rss;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 10);
  delay.enable();
  try {
    for (const one of cases) {
      const startedAt = performance.now();
      const seen = await one.run(server.port, world.keys.write);
      const statuses = seen.flatMap((exchange) => exchange.statuses);
      const ms = performance.now() - startedAt;
      run.cases.push({ name: one.name, connections: seen.length, statuses, ms });
      if (seen.some(({ isStuck }) => isStuck)) run.flaws.push(`${one.name}: never closed`);
      for (const status of new Set(statuses)) {
        if (!one.statuses.includes(status)) run.flaws.push(`${one.name}: answered ${status}`);
      }
    }
  } finally {
    delay.disable();
    clearInterval(watch);
    const waits = await neighbour.stop();
    await server.drain(1_000);
    run.flaws.push(...world.takeErrors().map((line) => `logged ${line.slice(0, 500)}`));
    await world.close();
    Object.assign(run, { neighbour: waits });
  }
  return {
    ...(run as Pick<TransportRun, "flaws" | "cases" | "neighbour">),
    loopDelayMs: { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 },
    peakRssGrowthMb: (peak - rss) / MB,
  };
}

/** Sends one sound event after the other until it is stopped. */
function startNeighbour(url: string, key: string) {
  const waits: number[] = [];
  let failed = 0;
  const stopping = new AbortController();
  const event = { type: "track", event: "Product Viewed", userId: "n", properties: { sku: "i2" } };
  async function send(): Promise<void> {
    while (!stopping.signal.aborted) {
      const startedAt = performance.now();
      try {
        const body = JSON.stringify({ ...event, messageId: `n-${waits.length}` });
        const init = { method: "POST", headers: { [headers.writeKey]: key }, body };
        const response = await fetch(`${url}/api/ingest`, init);
        await response.arrayBuffer();
        if (response.status !== 200) failed++;
      } catch {
        failed++; // Counted: whoever asks for the figures sees it.
      }
      waits.push(performance.now() - startedAt);
      await pause(NEIGHBOUR_PAUSE_MS);
    }
  }
  const sending = send();
  return {
    async stop(): Promise<TransportRun["neighbour"]> {
      stopping.abort();
      await sending;
      const sorted = waits.toSorted((a, b) => a - b);
      const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
      return { sent: waits.length, failed, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
    },
  };
}
