import { setTimeout as sleep } from "node:timers/promises";

import { ALL_APPS } from "@signalpath/stack/stack.ts";

import { underLoad, type CaseContext, type Row } from "../under-load.ts";
import { startAgain } from "../world.ts";

const DRAIN_S = 10;

/** SIGTERM and restart of every instance of every app, one after the other. */
export function rollingRestart(ctx: CaseContext): Promise<Row> {
  const { world, scale } = ctx;
  return underLoad(ctx, {
    name: "rolling-restart",
    strict: true,
    async disturb({ notes, violations, reader }) {
      let slowest = 0;
      let restarts = 0;
      const names = scale < 1 ? (["ingest-webhook", "user-model-updater"] as const) : ALL_APPS;
      for (const name of names) {
        for (const app of world.apps[name]) {
          const startedAt = performance.now();
          const code = await app.kill("SIGTERM");
          const seconds = (performance.now() - startedAt) / 1_000;
          slowest = Math.max(slowest, seconds);
          if (code !== 0) violations.push(`${name} ended with ${code}`);
          if (seconds > DRAIN_S)
            violations.push(`slow: ${name} drained for ${seconds.toFixed(1)} s`);
          await startAgain(app);
          restarts++;
          await sleep(300);
        }
      }
      notes.push(`${restarts} restarts, slowest drain ${slowest.toFixed(2)} s`);
      notes.push(`lists ${reader.seen()}`);
    },
  });
}
