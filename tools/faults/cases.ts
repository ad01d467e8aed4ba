import { fullStream } from "./cases/backlog.ts";
import { crashPoison } from "./cases/crash-poison.ts";
import { killApp, killServer } from "./cases/kills.ts";
import { lateServers } from "./cases/late-servers.ts";
import { badLinks } from "./cases/links.ts";
import { poisonAmongHealthy } from "./cases/poison.ts";
import { redrive } from "./cases/redrive.ts";
import { redisRefuses } from "./cases/redis-limits.ts";
import { rollingRestart } from "./cases/rolling.ts";
import { killStandalone } from "./cases/standalone.ts";
import { createRandom } from "./random.ts";
import type { CaseContext, Row } from "./under-load.ts";
import { startWorld, type Instances } from "./world.ts";

export interface FaultCase {
  name: string;
  run(ctx: CaseContext): Promise<Row>;
}

export const CASES: readonly FaultCase[] = [
  { name: "kill-ingest-webhook", run: (ctx) => killApp(ctx, "ingest-webhook", 4) },
  { name: "kill-user-model-updater", run: (ctx) => killApp(ctx, "user-model-updater", 4) },
  { name: "kill-recommender", run: (ctx) => killApp(ctx, "recommender", 2) },
  { name: "kill-management-api", run: (ctx) => killApp(ctx, "management-api", 1) },
  { name: "kill-nats", run: (ctx) => killServer(ctx, "nats", 3) },
  { name: "kill-redis", run: (ctx) => killServer(ctx, "redis", 3) },
  { name: "kill-postgres", run: (ctx) => killServer(ctx, "postgres", 3) },
  { name: "rolling-restart", run: rollingRestart },
  { name: "late-servers", run: lateServers },
  { name: "bad-links", run: badLinks },
  { name: "redis-refuses", run: redisRefuses },
  { name: "poison", run: poisonAmongHealthy },
  { name: "redrive", run: redrive },
  { name: "full-stream", run: fullStream },
  { name: "crash-poison", run: crashPoison },
];
export const STANDALONE = "kill-standalone";
export const CASE_NAMES: readonly string[] = [...CASES.map(({ name }) => name), STANDALONE];
const STANDALONE_KILLS = 6;
const TWO_OF_EACH: Instances = {
  "ingest-webhook": 2,
  "user-model-updater": 2,
  recommender: 2,
  "management-api": 2,
  "inference-gateway": 0,
  experiments: 0,
};

/** Runs the cases one after the other on one world; the standalone has its own. */
export async function* runCases(options: {
  seed: number;
  names: readonly string[];
  scale: number;
  instances?: Instances;
}): AsyncGenerator<Row> {
  const { seed, names, scale, instances = TWO_OF_EACH } = options;
  const unknown = names.filter((name) => !CASE_NAMES.includes(name));
  if (unknown.length > 0) throw new Error(`no case is called ${unknown.join(", ")}`);
  const random = createRandom(seed);
  const chosen = CASES.filter(({ name }) => names.includes(name));
  if (chosen.length > 0) {
    const world = await startWorld({ instances, random });
    try {
      for (const one of chosen) yield await one.run({ world, seed, random, scale });
    } finally {
      await world.stop();
    }
  }
  if (names.includes(STANDALONE)) {
    const kills = Math.max(2, Math.round(STANDALONE_KILLS * scale));
    yield await killStandalone({ seed, random, kills });
  }
}
