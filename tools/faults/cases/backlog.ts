import { setTimeout as sleep } from "node:timers/promises";

import { descriptors, rssMib } from "../process-facts.ts";
import { USUAL_BYTES } from "../stores.ts";
import { underLoad, type CaseContext, type Row } from "../under-load.ts";
import { startAgain } from "../world.ts";

const APP = "user-model-updater";
const ROOM_BYTES = 512 * 1024;
/** A slow machine needs longer to fill the stream than the case would last. */
const FILLED_WITHIN_MS = 30_000;
/** A full bus must not make the webhook grow: far above noise, far below a queue without end. */
const MAX_GROWTH_MIB = 128;
/** Connections to Postgres may be opened on the way, up to the pool's bound; a leak has none. */
const MAX_NEW_FILES = 12;

/**
 * Nobody takes the events and the stream has little room: RudderStack is refused with
 * 429, others with 503, never lost; ingest neither grows nor keeps descriptors open.
 */
export function fullStream(ctx: CaseContext): Promise<Row> {
  const { world, scale } = ctx;
  return underLoad(ctx, {
    name: "full-stream",
    rate: 400,
    rudder: 0.5,
    async disturb({ notes, violations, sender }) {
      const used = await world.stores.signalsBytes();
      await world.stores.signalsBytes(used + ROOM_BYTES);
      for (const app of world.apps[APP]) await app.kill("SIGTERM");
      const refused = () => ["429", "503"].map((status) => sender.ledger.seen.get(status) ?? 0);
      const refusals = () => refused().reduce((sum, count) => sum + count, 0);
      const ingest = world.apps["ingest-webhook"];
      const files = () =>
        ingest.map((app) => descriptors(app.pid(), Number(new URL(app.url).port)));
      const before = ingest.map((app) => rssMib(app.pid()));
      const filesBefore = files();
      let peak = 0;
      try {
        const startedAt = performance.now();
        const lasted = () => performance.now() - startedAt;
        while (lasted() < 6_000 * scale || (refusals() === 0 && lasted() < FILLED_WITHIN_MS)) {
          const growth = ingest.map((app, n) => rssMib(app.pid()) - (before[n] ?? 0));
          peak = Math.max(peak, ...growth);
          await sleep(200);
        }
      } finally {
        await world.stores.signalsBytes(USUAL_BYTES);
        for (const app of world.apps[APP]) await startAgain(app);
      }
      const opened = Math.max(...files().map((count, n) => count - (filesBefore[n] ?? 0)));
      if (opened > MAX_NEW_FILES) violations.push(`ingest left ${opened} descriptors open`);
      if (refusals() === 0) violations.push("the stream never refused");
      if (peak > MAX_GROWTH_MIB) violations.push(`ingest grew by ${peak.toFixed(0)} MiB`);
      notes.push(`refused ${refused().join(" + ")} times (429 + 503)`);
      notes.push(`ingest grew by ${peak.toFixed(0)} MiB and ${opened} descriptors`);
    },
  });
}
