import { startLimit } from "./limit-process.ts";
import { percent, round, type Row } from "./table.ts";
import { ingestScript } from "./bodies.ts";
import { load, middle, type LoadResult } from "./wrk.ts";
import type { Stack } from "@signalpath/stack/stack.ts";
import { paced, pacedEvents } from "./paced.ts";

const SECONDS = 6;
const RUNS = 3;
const CONNECTIONS = 64;

/** Ours and the limit in turns, so that both meet the same noise. */
async function inTurns(
  ours: (run: number) => Promise<LoadResult>,
  limit: (run: number) => Promise<LoadResult>,
): Promise<{ ours: LoadResult; limit: LoadResult }> {
  const mine: LoadResult[] = [];
  const theirs: LoadResult[] = [];
  for (let run = 0; run < RUNS; run++) {
    theirs.push(await limit(run));
    mine.push(await ours(run));
  }
  return { ours: middle(mine), limit: middle(theirs) };
}

/** Rows 1 and 2 of the table: events/s with a durable ack against a bare publish. */
export async function benchIngest(stack: Stack): Promise<Row[]> {
  const limit = await startLimit("ingest", stack.env);
  const url = `${stack.apps["ingest-webhook"].url}/api/ingest`;
  const rows: Row[] = [];
  try {
    for (const perRequest of [1, 20]) {
      const target = (to: string, tag: string) => (run: number) =>
        load({
          url: to,
          connections: CONNECTIONS,
          seconds: SECONDS,
          script: ingestScript(stack.keys.write, `${tag}-${perRequest}-${run}`, perRequest),
        });
      const found = await inTurns(target(url, "ours"), target(limit.url, "limit"));
      const ratio = found.ours.requestsPerSecond / found.limit.requestsPerSecond;
      rows.push({
        job: `ingest, ${perRequest === 1 ? "one event a POST" : `arrays of ${perRequest}`}, durable ack, ${CONNECTIONS} connections`,
        ours: `${round(found.ours.requestsPerSecond * perRequest)} events/s, p50 ${round(found.ours.p50Ms, 1)} ms, p99 ${round(found.ours.p99Ms, 1)} ms, ${found.ours.errors} errors`,
        limit: `${round(found.limit.requestsPerSecond * perRequest)} events/s`,
        ratio: percent(ratio),
        goal: perRequest === 1 ? ">= 60 %" : ">= 70 %",
      });
      if (perRequest === 1) rows.push(await halfLoad(stack, url, found.ours.requestsPerSecond / 2));
    }
  } finally {
    await limit.stop();
  }
  return rows;
}

async function halfLoad(stack: Stack, url: string, rate: number): Promise<Row> {
  const requestOf = pacedEvents(stack.keys.write);
  const result = await paced({ url, rate, seconds: SECONDS, connections: 32, requestOf });
  return {
    job: "ingest at half load",
    ours: `p50 ${round(result.p50Ms, 1)} ms, p99 ${round(result.p99Ms, 1)} ms at ${round(rate)} events/s, ${result.errors} errors`,
    limit: "-",
    ratio: "-",
    goal: "p99 < 25 ms",
  };
}
