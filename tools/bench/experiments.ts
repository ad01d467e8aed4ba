import { randomUUID } from "node:crypto";

import { createPostgresExperimentEvents, openPostgres } from "@signalpath/adapter-postgres";
import type { ExposureEvent } from "@signalpath/ports";
import { sha256 } from "@signalpath/service-kit";
import type { Stack } from "@signalpath/stack/stack.ts";

import {
  countRows,
  insertBare,
  scanOnce,
  seedConversions,
  seedExposures,
} from "./experiments-sql.ts";
import { percent, round, type Row } from "./table.ts";

/** Exposures told, duplicates included, and how they travel. */
const TOLD = 1_000_000;
const BATCH = 1_000;
const CLIENTS = 8;
const UNITS = 700_000;
/** The way through HTTP and the bus costs more a row: fewer of them say the same. */
const TOLD_BY_HTTP = 100_000;
const EXPOSURES = 1_000_000;
const CONVERSIONS = 3_000_000;

type Told = Pick<ExposureEvent, "unit" | "variation_index" | "occurred_at">;

/** Batch `n` of a shuffled stream: three in ten were told before, times are in no order. */
function batchOf(n: number, told: number, units: number, start: number): Told[] {
  return Array.from({ length: BATCH }, (_, i) => {
    const place = (n * BATCH + i) * 7_919;
    const unit = (place % told) % units;
    const occurred_at = new Date(start + ((place * 104_729) % 86_400_000)).toISOString();
    return { unit: `user-${unit}`, variation_index: unit % 2, occurred_at };
  });
}

/** Runs `job` for every batch, `CLIENTS` at a time. @returns rows a second. */
async function paced(batches: number, job: (n: number) => Promise<void>): Promise<number> {
  const began = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    for (let n = next++; n < batches; n = next++) await job(n);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return (batches * BATCH) / ((performance.now() - began) / 1_000);
}

/** Rows 7 and 8: exposures in, results out. */
export async function benchExperiments(stack: Stack): Promise<Row[]> {
  const database = openPostgres(stack.env["DATABASE_URL"] ?? "", { max: 10, onError: () => {} });
  try {
    return [
      await exposures(database.db),
      await byHttp(stack, database.db),
      ...(await results(stack, database.db)),
    ];
  } finally {
    await database.close();
  }
}

type Db = ReturnType<typeof openPostgres>["db"];
const row = (job: string, ours: string, limit: string, ratio: string, goal: string): Row => {
  return { job, ours, limit, ratio, goal };
};

async function exposures(db: Db): Promise<Row> {
  const events = createPostgresExperimentEvents(db, { sha256, now: Date.now, newId: randomUUID });
  const start = Date.now() - 86_400_000;
  const bare = randomUUID();
  const ours = randomUUID();
  const most = await paced(TOLD / BATCH, (n) =>
    insertBare(db, bare, batchOf(n, TOLD, UNITS, start)),
  );
  const rate = await paced(TOLD / BATCH, async (n) => {
    const told = batchOf(n, TOLD, UNITS, start);
    const rows = told.map((one, i) => ({ ...one, experiment_id: ours, event_id: `e${n}-${i}` }));
    await events.recordExposures(1, rows);
  });
  const counted = await countRows(db, ours);
  if (counted !== UNITS) throw new Error(`${counted} units were counted, ${UNITS} were told`);
  return row(
    `exposures, batches of 1,000 from 8 writers, ${TOLD / 1e6} M told of ${UNITS / 1e3} k units in shuffled time; the rows of the port`,
    `${round(rate / 1e3, 1)} k rows/s, counts exact`,
    `the bare statement on the same table: ${round(most / 1e3, 1)} k rows/s`,
    percent(rate / most),
    ">= 70 %",
  );
}

async function post(url: string, key: string, body: object): Promise<{ id?: string }> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "x-api-key": key },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { id?: string };
}

async function create(stack: Stack): Promise<{ id: string; url: string }> {
  const base = `${stack.apps["experiments"].url}/api/v1/experiments`;
  const variations = [0, 1].map((index) => ({ index, name: `v${index}`, weight: 0.5 }));
  const metrics = [{ name: "click" }, { name: "revenue", kind: "mean", numerator: "purchase" }];
  const body = { name: "bench", status: "running", variations, metrics };
  const { id = "" } = await post(base, stack.keys.api, body);
  return { id, url: `${base}/${id}` };
}

async function byHttp(stack: Stack, db: Db): Promise<Row> {
  const { id, url } = await create(stack);
  const start = Date.now() - 86_400_000;
  const units = TOLD_BY_HTTP * 0.7;
  const batch = (n: number) => batchOf(n, TOLD_BY_HTTP, units, start);
  const bare = randomUUID();
  const most = await paced(TOLD_BY_HTTP / BATCH, (n) => insertBare(db, bare, batch(n)));
  const rate = await paced(TOLD_BY_HTTP / BATCH, async (n) => {
    const told = batch(n).map(({ unit, ...one }) => ({ user_id: unit, ...one }));
    await post(`${url}/exposures`, stack.keys.api, { exposures: told });
  });
  const counted = await countRows(db, id);
  if (counted !== units) throw new Error(`${counted} units were counted, ${units} were told`);
  return row(
    "the same over HTTP, each row also told to JetStream before the answer and read back by the bus door",
    `${round(rate / 1e3, 1)} k rows/s, counts exact`,
    `the bare statement: ${round(most / 1e3, 1)} k rows/s`,
    percent(rate / most),
    "-",
  );
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const began = performance.now();
  const value = await work();
  return { ms: performance.now() - began, value };
}

async function results(stack: Stack, db: Db): Promise<Row[]> {
  const { id, url } = await create(stack);
  await seedExposures(db, id, EXPOSURES);
  await seedConversions(db, id, CONVERSIONS, EXPOSURES);
  const read = async () => {
    const answer = await fetch(`${url}/results`, { headers: { "x-api-key": stack.keys.api } });
    if (!answer.ok) throw new Error(await answer.text());
    const { metrics } = (await answer.json()) as { metrics: { arms: { n: number }[] }[] };
    return (metrics[0]?.arms ?? []).reduce((sum, { n }) => sum + n, 0);
  };
  await scanOnce(db);
  const scan = await timed(() => scanOnce(db));
  const cold = await timed(read);
  const cached = await timed(read);
  if (cold.value !== EXPOSURES) throw new Error(`${cold.value} units in the results`);
  const what = "results of 1 M exposures and 3 M conversions, two metrics and days";
  const limit = `a sequential scan of both tables: ${round(scan.ms / 1e3, 2)} s`;
  return [
    row(
      `${what}, cold`,
      `${round(cold.ms / 1e3, 2)} s`,
      limit,
      `${round(cold.ms / scan.ms, 1)} x`,
      "<= 20 x",
    ),
    row(`${what}, within 30 s`, `${round(cached.ms, 1)} ms`, limit, "-", "<= 50 ms"),
  ];
}
