import { setTimeout as sleep } from "node:timers/promises";

import { underLoad, type CaseContext, type Row } from "../under-load.ts";
import { nobodysPort } from "../world.ts";

/** Redis refuses writes: first no memory is left, then it is a read-only replica of nobody. */
export function redisRefuses(ctx: CaseContext): Promise<Row> {
  const { world, scale } = ctx;
  const { redis } = world.stores;
  return underLoad(ctx, {
    name: "redis-refuses",
    async disturb({ notes }) {
      await redis.config("SET", "maxmemory-policy", "noeviction");
      await redis.config("SET", "maxmemory", "1mb");
      try {
        await sleep(3_000 * scale);
      } finally {
        await redis.config("SET", "maxmemory", "0");
      }
      await sleep(1_000);
      await redis.replicaof("127.0.0.1", await nobodysPort());
      try {
        await sleep(3_000 * scale);
      } finally {
        await redis.replicaof("NO", "ONE");
      }
      const stats = await redis.info("errorstats");
      const refused = [...stats.matchAll(/errorstat_(OOM|READONLY):count=(\d+)/g)];
      notes.push(`refused ${refused.map(([, kind, count]) => `${kind} ${count}`).join(", ")}`);
    },
  });
}
