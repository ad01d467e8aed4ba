import { setTimeout as sleep } from "node:timers/promises";

import { Redis } from "ioredis";

import type { Stack } from "@signalpath/stack/stack.ts";
import { send, until } from "./http.ts";
import { startLimit } from "./limit-process.ts";
import { paced } from "./paced.ts";
import { ITEMS, listOf, openSources } from "./recommend-world.ts";
import { percent, round, type Row } from "./table.ts";
import { load, middle, type LoadResult } from "./wrk.ts";

const HISTORIES = [20, 200, 2_000];
const SECONDS = 5;
const RUNS = 3;
/** After one of these nothing that was searched before holds any more. */
const TICK_MS = 10_000;
/** More than the recommender remembers pools of. */
const PEOPLE = 600;
const PERSON_EVENTS = 200;

/** Row 4: recommendations per second against one Redis GET and JSON.parse of the same blob. */
export async function benchRecommend(stack: Stack): Promise<Row[]> {
  await openSources(stack);
  const limit = await startLimit("recommend", stack.env);
  const rows: Row[] = [];
  try {
    for (const events of HISTORIES) rows.push(...(await oneHistory(stack, limit.url, events)));
    rows.push(...(await manyPeople(stack)));
  } finally {
    await limit.stop();
  }
  return rows;
}

/**
 * Everybody once, each at another point: no list, no search and no score is remembered, as after an
 * event of the person. At half of that load it is told what one of them waits for.
 */
async function manyPeople(stack: Stack): Promise<Row[]> {
  for (let from = 0; from < PEOPLE; from += 20) {
    const some = Array.from({ length: 20 }, (_unused, i) => from + i);
    await Promise.all(
      some.map((person) => giveHistory(stack, `person-${person}`, PERSON_EVENTS, 7 * person)),
    );
  }
  const url = stack.apps.recommender.url;
  const headers = { "X-API-Key": stack.keys.api };
  const path = "/api/recommend?limit=10&near_lon=8";
  const script = `local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", "${path}&user_id=person-" .. n % ${PEOPLE} .. "&near_lat=" .. 50 + n / 1000000)
end`;
  const runs: LoadResult[] = [];
  for (let run = 0; run < RUNS; run++) {
    await sleep(TICK_MS);
    runs.push(await load({ connections: 8, seconds: SECONDS, url, headers, script }));
  }
  await sleep(TICK_MS);
  const all = middle(runs);
  const rate = all.requestsPerSecond / 2;
  const half = await paced({
    url,
    rate,
    seconds: SECONDS,
    connections: 8,
    requestOf: (n) => ({
      method: "GET",
      path: `${path}&user_id=person-${n % PEOPLE}&near_lat=${51 + n / 1e6}`,
      headers,
    }),
  });
  const job = `recommend, every source on, ${PEOPLE} people of ${PERSON_EVENTS} events in turn, ${ITEMS} items, 8 connections`;
  const beside = { limit: "-", ratio: "-", goal: "p99 <= 5 ms" };
  return [
    {
      job: `${job}, everything searched and scored`,
      ours: `${round(all.requestsPerSecond)} req/s, p99 ${round(all.p99Ms, 1)} ms, ${all.errors} errors`,
      ...beside,
    },
    {
      job: `${job}, the same at half load`,
      ours: `p50 ${round(half.p50Ms, 1)} ms, p99 ${round(half.p99Ms, 1)} ms at ${round(rate)} req/s, ${half.errors} errors`,
      ...beside,
    },
  ];
}

/** Sources that must have found something for a list to count as one with every source on. */
const SOURCES = ["vector", "item_to_item", "collaborative", "tag", "trending", "new", "rule"];

/** @throws when a source finds nothing: then less would be measured than the table says. */
async function assertEverySource(stack: Stack, user: string): Promise<void> {
  const { diagnostics } = await listOf(stack, user);
  const missing = SOURCES.filter((source) => diagnostics.sources[source] === undefined);
  if (missing.length > 0) throw new Error(`nothing came from ${missing.join(", ")}`);
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
  // A point nobody named before: every candidate is scored again, those near are searched again.
  const anew = `local n = 0
request = function()
  n = n + 1
  local path = "/api/recommend?user_id=${user}&limit=10&near_lon=8&near_lat=" .. 50 + n / 1000000
  return wrk.format("GET", path)
end`;
  await assertEverySource(stack, user);
  const bare: LoadResult[] = [];
  const remembered: LoadResult[] = [];
  const computed: LoadResult[] = [];
  const scored: LoadResult[] = [];
  const common = { connections: 8, seconds: SECONDS };
  for (let run = 0; run < RUNS; run++) {
    bare.push(await load({ ...common, url: `${limitUrl}/bench-${events}` }));
    remembered.push(await load({ ...common, url, headers }));
    computed.push(await load({ ...common, url, headers, script: fresh }));
    scored.push(await load({ ...common, url, headers, script: anew }));
  }
  const limit = middle(bare);
  const row = (what: string, result: LoadResult): Row => ({
    job: `recommend, every source on, ${events} events, ${ITEMS} items, 8 connections, ${what}`,
    ours: `${round(result.requestsPerSecond)} req/s, p99 ${round(result.p99Ms, 1)} ms, ${result.errors} errors`,
    limit: `${round(limit.requestsPerSecond)} req/s, p99 ${round(limit.p99Ms, 1)} ms (${round(model.length / 1024)} kB blob)`,
    ratio: percent(result.requestsPerSecond / limit.requestsPerSecond),
    goal: ">= 50 %, p99 <= 5 ms",
  });
  return [
    row("same request again", middle(remembered)),
    row("every list computed", middle(computed)),
    row("every candidate scored", middle(scored)),
  ];
}

/** Sends a history and answers the user's model as text once it holds all of it. */
export async function giveHistory(
  stack: Stack,
  user: string,
  events: number,
  firstItem = 0,
): Promise<string> {
  const now = Date.now();
  const all = Array.from({ length: events }, (_unused, i) => ({
    type: "track",
    event: "Tip Feedback",
    messageId: `${user}-${i}`,
    userId: user,
    timestamp: new Date(now - (events - i) * 600_000).toISOString(),
    properties: {
      item_id: `bench-${(firstItem + i * 13) % ITEMS}`,
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
