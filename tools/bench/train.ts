import { loadavg } from "node:os";

import { createLinalgPool, sgemm, sharedF32 } from "@signalpath/linalg";
import { createRandom, modelKinds, type Interactions } from "@signalpath/models";

import { syntheticInteractions } from "./synthetic-interactions.ts";
import { round, type Row } from "./table.ts";

const SIZE = { users: 6_000, items: 3_000, pairs: 800_000 };
const KINDS = ["popular", "item-knn", "rp3beta", "ease", "ials", "blend"];
const WORKERS = 2;
const FACTORS = 64;
const EPOCHS = 10;

/** Trainings with defaults on two threads, beside the products they cannot do without. */
export async function benchTrain(): Promise<Row[]> {
  const interactions = syntheticInteractions(SIZE, 7);
  const rate = await flopsPerSecond();
  const rows: Row[] = [];
  for (const kind of KINDS) rows.push(await trained(kind, interactions, rate));
  return rows;
}

async function trained(name: string, data: Interactions, rate: number): Promise<Row> {
  const kind = modelKinds[name];
  if (kind === undefined) throw new Error(`no kind is called ${name}`);
  let peak = process.memoryUsage.rss();
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const before = performance.now();
  const cpu = process.cpuUsage();
  const model = await kind
    .train(data, {}, { random: createRandom(7, "training"), workers: WORKERS })
    .finally(() => clearInterval(watch));
  const seconds = (performance.now() - before) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  let bytes = 0;
  for (const { data: part } of kind.encode(model).tensors.values()) bytes += part.byteLength;
  const limit = flopsOf(name) / rate;
  return {
    job: `train ${name}, ${SIZE.pairs} interactions, ${SIZE.users} x ${SIZE.items}, load ${round(loadavg()[0] ?? 0, 1)}`,
    ours: `${round(seconds, 1)} s (${round((user + system) / 1e6, 1)} s of processors), peak ${round(peak / 2 ** 20)} MB, model ${round(bytes / 2 ** 20)} MB`,
    limit: limit === 0 ? "-" : `its products alone: ${round(limit, 1)} s`,
    ratio: limit === 0 ? "-" : `${round(seconds / limit, 1)} x the time`,
    goal: "<= 15 s (7 s)",
  };
}

/** Of the dense part: the inverse, or the products of factors with themselves in both halves. */
function flopsOf(name: string): number {
  if (name === "ease") return SIZE.items ** 3;
  if (name === "ials") return SIZE.pairs * 2 * FACTORS ** 2 * EPOCHS;
  return 0;
}

/** Of float32 products in the kernel on as many threads; the best of five. */
async function flopsPerSecond(): Promise<number> {
  const pool = createLinalgPool(WORKERS);
  try {
    const n = 512;
    const [a, b, out] = [sharedF32(n * n), sharedF32(n * n), sharedF32(n * n)];
    let best = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < 6; turn++) {
      const before = performance.now();
      await sgemm(pool, { a, b, out, m: n, n, k: n });
      best = Math.min(best, performance.now() - before);
    }
    return ((2 * n ** 3) / best) * 1_000;
  } finally {
    await pool.close();
  }
}
