import { setTimeout as sleep } from "node:timers/promises";

import { between } from "../random.ts";
import { underLoad, type CaseContext, type Row } from "../under-load.ts";
import { SERVERS } from "../world.ts";

const APPS = ["user-model-updater", "ingest-webhook"] as const;
const TOLD = "a dependency is not there yet";

/** An app that starts while a server is away waits for it, and says so, instead of ending. */
export function lateServers(ctx: CaseContext): Promise<Row> {
  const { world, random } = ctx;
  return underLoad(ctx, {
    name: "late-servers",
    rate: 60,
    // Postgres may be away for longer than a verified key is remembered, and then nobody knows it.
    readerMayFail: true,
    async disturb({ notes, violations }) {
      let waited = 0;
      for (const server of SERVERS) {
        const apps = APPS.flatMap((name) => world.apps[name].slice(0, 1));
        for (const app of apps) await app.kill("SIGTERM");
        await world.servers[server].kill("SIGKILL");
        const before = apps.map((app) => app.log().split(TOLD).length);
        const starting = Promise.allSettled(apps.map((app) => app.start()));
        // Until each has met its absence, and a little longer.
        for (let n = 0; n < 100; n++) {
          if (apps.every((app, at) => app.log().split(TOLD).length > (before[at] ?? 0))) break;
          await sleep(100);
        }
        await sleep(between(random, 0, 1_500));
        await world.servers[server].start();
        for (const [at, one] of (await starting).entries()) {
          const app = apps[at];
          if (app === undefined) continue;
          if (one.status === "rejected") {
            violations.push(`${app.name} did not wait for ${server}`);
            await app.start();
          } else if (app.log().split(TOLD).length > (before[at] ?? 0)) waited++;
        }
      }
      notes.push(`${waited} of ${SERVERS.length * APPS.length} starts waited for a server`);
    },
  });
}
