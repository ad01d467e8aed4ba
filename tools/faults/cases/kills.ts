import { setTimeout as sleep } from "node:timers/promises";

import type { AppName } from "@signalpath/stack/stack.ts";

import { between } from "../random.ts";
import { underLoad, type CaseContext, type Row } from "../under-load.ts";
import { startAgain, type ServerName } from "../world.ts";

/** kill -9 of the instances of an app in turns, at random moments, each started again. */
export function killApp(ctx: CaseContext, name: AppName, times: number): Promise<Row> {
  const { world, random, scale } = ctx;
  return underLoad(ctx, {
    name: `kill-${name}`,
    readerMayFail: name === "recommender",
    async disturb({ notes }) {
      const kills = Math.max(1, Math.round(times * scale));
      for (let n = 0; n < kills; n++) {
        await sleep(between(random, 0, 1_000));
        const app = world.apps[name][n % world.apps[name].length];
        await app?.kill("SIGKILL");
        if (app !== undefined) await startAgain(app);
      }
      notes.push(`${kills} kills`);
    },
  });
}

/** kill -9 of a server at random moments; it is back after a moment. Lists must go on. */
export function killServer(ctx: CaseContext, name: ServerName, times: number): Promise<Row> {
  const { world, random, scale } = ctx;
  return underLoad(ctx, {
    name: `kill-${name}`,
    async disturb({ notes, reader }) {
      const kills = Math.max(1, Math.round(times * scale));
      for (let n = 0; n < kills; n++) {
        await sleep(between(random, 300, 2_000));
        await world.servers[name].kill("SIGKILL");
        await sleep(between(random, 0, 1_500));
        await world.servers[name].start();
      }
      await sleep(1_500);
      notes.push(`${kills} kills, ${reader.answered()} lists answered`);
    },
  });
}
