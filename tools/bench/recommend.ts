import { Redis } from "ioredis";

import type { Stack } from "@signalpath/stack/stack.ts";
import { benchItem } from "./bodies.ts";
import { send, until } from "./http.ts";
import { startLimit } from "./limit-process.ts";
import { percent, round, type Row } from "./table.ts";
import { load, middle, type LoadResult } from "./wrk.ts";

const ITEMS = 10_000;
const HISTORIES = [20, 200, 2_000];
const SECONDS = 5;
const RUNS = 3;

/** Row 4: recommendations per second against one Redis GET and JSON.parse of the same blob. */
export async function benchRecommend(stack: Stack): Promise<Row[]> {
  await importItems(stack);
  const limit = await startLimit("recommend", stack.env);
  const rows: Row[] = [];
  try {
    for (const events of HISTORIES) rows.push(...(await oneHistory(stack, limit.url, events)));
  } finally {
    await limit.stop();
  }
  return rows;
}

async function importItems(stack: Stack): Promise<void> {
  const url = `${stack.apps["management-api"].url}/api/content`;
  for (let from = 0; from < ITEMS; from += 1_000) {
    const items = Array.from({ length: 1_000 }, (_unused, i) => benchItem(from + i));
    await send("PUT", url, { "x-api-key": stack.keys.api }, { items });
  }
}

async function oneHistory(stack: Stack, limitUrl: string, events: number): Promise<Row[]> {
  const user = `history-${events}`;
  const model = await giveHistory(stack, user, events);
  const redis = new Redis(stack.env["REDIS_URL"] ?? "");
  await redis.set(`bench-${events}`, model);
  redis.disconnect();
  const url = `${stack.apps.recommender.url}/api/recommend?user_id=${user}&limit=10`;
  const headers = { "X-API-Key": stack.keys.api };
  // Other exclusions each time, most of them with candidates among them: no list can be remembered
  // and nearly none is the whole pool's.
  const fresh = `local n = 0
request = function()
  n = n + 1
  local ids = {}
  for i = 1, 20 do ids[i] = "bench-" .. (n * 7 + i * 491) % ${ITEMS} end
  local path = "/api/recommend?user_id=${user}&limit=10&exclude=" .. table.concat(ids, ",")
  return wrk.format("GET", path)
end`;
  const bare: LoadResult[] = [];
  const remembered: LoadResult[] = [];
  const computed: LoadResult[] = [];
  const common = { connections: 8, seconds: SECONDS };
  for (let run = 0; run < RUNS; run++) {
    bare.push(await load({ ...common, url: `${limitUrl}/bench-${events}` }));
    remembered.push(await load({ ...common, url, headers }));
    computed.push(await load({ ...common, url, headers, script: fresh }));
  }
  const limit = middle(bare);
  const row = (what: string, result: LoadResult): Row => ({
    job: `recommend, ${events} events, ${ITEMS} items, 8 connections, ${what}`,
    ours: `${round(result.requestsPerSecond)} req/s, p99 ${round(result.p99Ms, 1)} ms, ${result.errors} errors`,
    limit: `${round(limit.requestsPerSecond)} req/s (${round(model.length / 1024)} kB blob)`,
    ratio: percent(result.requestsPerSecond / limit.requestsPerSecond),
    goal: ">= 50 %, p99 <= 5 ms",
  });
  return [
    row("same request again", middle(remembered)),
    row("every list computed", middle(computed)),
  ];
}

/** Sends a history and answers the user's model as text once it holds all of it. */
async function giveHistory(stack: Stack, user: string, events: number): Promise<string> {
  const now = Date.now();
  const all = Array.from({ length: events }, (_unused, i) => ({
    type: "track",
    event: "Tip Feedback",
    messageId: `${user}-${i}`,
    userId: user,
    timestamp: new Date(now - (events - i) * 600_000).toISOString(),
    properties: {
      item_id: `bench-${(i * 13) % ITEMS}`,
      reaction: i % 7 === 0 ? "dismiss" : "like",
      dwell_ms: 20_000,
    },
  }));
  for (let from = 0; from < events; from += 500) {
    const url = `${stack.apps["ingest-webhook"].url}/api/ingest`;
    await send("POST", url, { "x-write-key": stack.keys.write }, all.slice(from, from + 500));
  }
  const url = `${stack.apps.recommender.url}/api/usermodel?user_id=${user}`;
  const model = await until(async () => {
    const response = await fetch(url, { headers: { "x-api-key": stack.keys.api } });
    if (response.status === 404) return undefined;
    const body = (await response.json()) as { n_events: number };
    return body.n_events >= events ? body : undefined;
  });
  return JSON.stringify(model);
}
