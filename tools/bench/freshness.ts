import { setTimeout as sleep } from "node:timers/promises";

import { connect } from "@nats-io/transport-node";
import { Redis } from "ioredis";

import type { Stack } from "@signalpath/stack/stack.ts";
import { send } from "./http.ts";
import { paced, pacedEvents } from "./paced.ts";
import { percentile, round, type Row } from "./table.ts";

const PROBES = 200;
const PAUSE_MS = 20;
const WARM_UP_MS = 10_000;
/** The background lasts longer than all probes. */
const SECONDS = 30;
const BACKGROUND_PER_SECOND = 500;

interface Answer {
  model_revision: number | null;
}

/** Row 3: from the webhook's 200 until a recommendation stands on the new model, under load. */
export async function benchFreshness(stack: Stack): Promise<Row[]> {
  const limit = await roundTrips(stack);
  const background = paced({
    url: stack.apps["ingest-webhook"].url,
    rate: BACKGROUND_PER_SECOND,
    seconds: SECONDS,
    connections: 16,
    requestOf: pacedEvents(stack.keys.write),
  });
  // Processes that have just started run slowly for their first seconds: told apart.
  const warmAt = performance.now() + WARM_UP_MS;
  const first: number[] = [];
  for (let i = 0; performance.now() < warmAt; i++) first.push(await probe(stack, `first-${i}`));
  const delays: number[] = [];
  for (let i = 0; i < PROBES; i++) {
    delays.push(await probe(stack, `${i}`));
    await sleep(PAUSE_MS);
  }
  const load = await background;
  const p50 = percentile(delays, 0.5);
  return [
    {
      job: `freshness: webhook 200 -> recommendation changed, at ${BACKGROUND_PER_SECOND} events/s`,
      ours: `p50 ${round(p50, 1)} ms, p99 ${round(percentile(delays, 0.99), 1)} ms (${PROBES} probes, ${load.errors} background errors); in the first ${WARM_UP_MS / 1_000} s of the processes at most ${round(Math.max(...first))} ms`,
      limit: `NATS + Redis round trip: p50 ${round(percentile(limit, 0.5), 2)} ms, p99 ${round(percentile(limit, 0.99), 2)} ms`,
      ratio: `${round(p50 / percentile(limit, 0.5), 0)} x`,
      goal: "p99 <= 50 ms",
    },
  ];
}

async function probe(stack: Stack, name: string): Promise<number> {
  const user = `probe-${name.at(-1)}`;
  const recommend = `${stack.apps.recommender.url}/api/recommend?user_id=${user}&limit=10`;
  const read = () => send<Answer>("GET", recommend, { "x-api-key": stack.keys.api });
  const before = (await read()).model_revision;
  await send(
    "POST",
    `${stack.apps["ingest-webhook"].url}/api/ingest`,
    { "x-write-key": stack.keys.write },
    {
      type: "track",
      event: "Tip Feedback",
      messageId: `probe-${name}-${Date.now()}`,
      userId: user,
      properties: { item_id: `bench-${name}`, reaction: "like" },
    },
  );
  const stored = performance.now();
  for (;;) {
    if ((await read()).model_revision !== before) return performance.now() - stored;
    if (performance.now() - stored > 30_000) throw new Error("the recommendation did not change");
  }
}

async function roundTrips(stack: Stack): Promise<number[]> {
  const nats = await connect({ servers: stack.env["NATS_URL"] ?? "" });
  const redis = new Redis(stack.env["REDIS_URL"] ?? "");
  const times: number[] = [];
  for (let i = 0; i < 1_000; i++) {
    const startedAt = performance.now();
    await nats.flush();
    await redis.ping();
    times.push(performance.now() - startedAt);
  }
  await nats.close();
  redis.disconnect();
  return times.slice(100);
}
