import type { Stack } from "@signalpath/stack/stack.ts";

import { startLimit } from "./limit-process.ts";
import { largeModel, openPredictWorld, trainNeighbours, USERS } from "./predict-world.ts";
import { percent, percentile, round, type Row } from "./table.ts";
import { load, middle, type LoadResult } from "./wrk.ts";

const SECONDS = 5;
const RUNS = 3;
/** First uses measured, one after the other. */
const FIRST_USES = 20;
/** 5 million entries: 40 MB of artefact. */
const LARGE_ENTRIES = 5_000_000;

/** Rows 5 and 6: predictions by project, warm and at the first use of key and model. */
export async function benchPredict(stack: Stack): Promise<Row[]> {
  const media = stack.env["MEDIA_ROOT"];
  if (media === undefined) throw new Error("MEDIA_ROOT is not set");
  const world = await openPredictWorld(stack, media);
  try {
    const { id } = await world.deploy(await trainNeighbours());
    await world.slot(id);
    return [...(await warm(stack, world.project)), await firstUse(stack, world)];
  } finally {
    await world.close();
  }
}

async function predict(url: string, key: string, user: string): Promise<string> {
  const init = { method: "POST", headers: { "x-api-key": key }, body: bodyOf(user) };
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  return text;
}

const bodyOf = (user: string): string => JSON.stringify({ user_id: user, cutoff: 10 });

async function warm(stack: Stack, project: number): Promise<Row[]> {
  const url = `${stack.apps["inference-gateway"].url}/inference/predict/project/${project}`;
  const answer = await predict(url, stack.keys.api, "user-1");
  const limit = await startLimit("predict", { LIMIT_BODY: answer });
  const script = (exclude: string) => `local n = 0
local headers = {["X-API-Key"] = "${stack.keys.api}", ["Content-Type"] = "application/json"}
request = function()
  n = n + 1
  local body = '{"user_id":"user-' .. n % ${USERS} .. '","cutoff":10${exclude}}'
  return wrk.format("POST", nil, headers, body)
end`;
  const again = script("");
  // No list can be remembered when something is left out of it.
  const computed = script(`,"exclude_items":["item-' .. n % 97 .. '"]`);
  const runs = {
    bare: [] as LoadResult[],
    again: [] as LoadResult[],
    computed: [] as LoadResult[],
  };
  const common = { connections: 8, seconds: SECONDS };
  try {
    for (let run = 0; run < RUNS; run++) {
      runs.bare.push(await load({ ...common, url: limit.url, script: again }));
      runs.again.push(await load({ ...common, url, script: again }));
      runs.computed.push(await load({ ...common, url, script: computed }));
    }
  } finally {
    await limit.stop();
  }
  const most = middle(runs.bare);
  const row = (what: string, own: LoadResult): Row => ({
    job: `predict/project, warm, 8 connections, limit in Redis, ${what}`,
    ours: `${round(own.requestsPerSecond)} req/s, p99 ${round(own.p99Ms, 1)} ms, ${own.errors} errors`,
    limit: `${round(most.requestsPerSecond)} req/s (bare Hono route, the same bytes)`,
    ratio: percent(own.requestsPerSecond / most.requestsPerSecond),
    goal: ">= 70 %",
  });
  return [
    row(`${USERS} users again and again`, middle(runs.again)),
    row("every list computed", middle(runs.computed)),
  ];
}

type World = Awaited<ReturnType<typeof openPredictWorld>>;

/** Each first use has a key and a model of its own, every other key a stretched hash. */
async function firstUse(stack: Stack, world: World): Promise<Row> {
  const gateway = stack.apps["inference-gateway"].url;
  const large = largeModel(LARGE_ENTRIES);
  const uses: { key: string; id: number }[] = [];
  let bytes = 0;
  for (let at = 0; at < FIRST_USES; at++) {
    const deployed = await world.deploy(large);
    bytes = deployed.bytes;
    uses.push({ key: await world.key(at % 2 === 1), id: deployed.id });
  }
  await longestStall(gateway);
  const times: number[] = [];
  for (const { key, id } of uses) {
    const began = performance.now();
    await predict(`${gateway}/inference/predict/${id}`, key, "user-1");
    times.push(performance.now() - began);
  }
  const stallMs = await longestStall(gateway);
  return {
    job: `first use of a key (half of them PBKDF2) and of a model of ${round(bytes / 1e6)} MB`,
    ours: `p50 ${round(percentile(times, 0.5))} ms, p99 ${round(percentile(times, 0.99))} ms, longest stall of the event loop ${round(stallMs)} ms`,
    limit: "-",
    ratio: "-",
    goal: "no stall > 20 ms",
  };
}

/** Since the last time it was asked, as the process itself measures it, milliseconds. */
async function longestStall(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const match = /^nodejs_eventloop_lag_max_seconds ([\d.e-]+)$/m.exec(text);
  return Number(match?.[1]) * 1_000;
}
