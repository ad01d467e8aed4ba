import { setTimeout as sleep } from "node:timers/promises";

import { startApp, type AppProcess } from "@signalpath/stack/app-process.ts";

import { watchFreshness } from "../freshness.ts";
import { underLoad, type CaseContext, type Row } from "../under-load.ts";
import { startAgain } from "../world.ts";

const APP = "user-model-updater";
const HOOK = new URL("../crash-on-mark.mjs", import.meta.url).href;
const BODY = JSON.stringify({ event_id: "ends-the-process-that-reads-it" });
const PATIENCE_MS = 120_000;
const CODE = "HANDLER_FAILED";

/** A process that is started again whenever it is gone, as an orchestrator does. */
function supervise(app: AppProcess): { crashes(): number; end(): Promise<void> } {
  let crashes = 0;
  let going = true;
  async function run(): Promise<void> {
    for (;;) {
      await sleep(100);
      if (!going) return;
      if (isRunning(app.pid())) continue;
      crashes++;
      // It may meet the message again while it starts: then it is tried once more.
      await app.start().catch(() => undefined);
    }
  }
  const done = run();
  return {
    crashes: () => crashes,
    async end() {
      going = false;
      await done;
      await app.kill("SIGTERM");
    },
  };
}

/** One message ends every process that reads it, until it is put aside. */
export async function crashPoison(ctx: CaseContext): Promise<Row> {
  const { world } = ctx;
  for (const app of world.apps[APP]) await app.kill("SIGTERM");
  const fragile = await Promise.all(
    [1, 2].map(() => startApp(APP, { ...world.env, NODE_OPTIONS: `--import=${HOOK}` })),
  );
  const guards = fragile.map(supervise);
  let ended = false;
  const end = async (): Promise<void> => {
    if (ended) return;
    ended = true;
    await Promise.all(guards.map((guard) => guard.end()));
    for (const app of world.apps[APP]) await startAgain(app);
  };
  try {
    return await underLoad(ctx, {
      name: "crash-poison",
      rate: 40,
      async disturb({ notes, violations }) {
        const watch = watchFreshness(fragile.map(({ url }) => url));
        const startedAt = performance.now();
        const sequence = await world.stores.publishRaw("signals.tip.feedback", BODY);
        const isAside = async (): Promise<boolean> =>
          (await world.stores.deadLetters()).some((one) => one.body === BODY && one.code === CODE);
        // The letter is written before the last try: the consumer must also be done with the message
        // and with all before it.
        const isDone = async (): Promise<boolean> =>
          (await isAside()) && (await world.stores.consumer()).ack_floor.stream_seq >= sequence;
        while (!(await isDone()) && performance.now() - startedAt < PATIENCE_MS) await sleep(500);
        const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
        const crashes = guards.reduce((sum, guard) => sum + guard.crashes(), 0);
        if (!(await isDone())) violations.push(`not put aside after ${seconds} s`);
        const { events, late } = await watch.stop();
        notes.push(`${crashes} processes ended, put aside after ${seconds} s`);
        notes.push(`${late} of ${events} neighbours over 5 s`);
        await end();
      },
    });
  } finally {
    await end();
  }
}

function isRunning(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false; // No such process.
  }
}
