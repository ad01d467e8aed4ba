import { subjects } from "@signalpath/contracts";
import type { Probe, Subscription } from "@signalpath/ports";
import { createHttpApp, createPresence, createRepeater, type App } from "@signalpath/service-kit";

import { APP, createContext } from "./context.ts";
import type { TrainerDeps } from "./deps.ts";
import { fireSchedules } from "./fire-schedules.ts";
import { createRunLoop } from "./run-loop.ts";

export type { TrainerDeps, TrainerOptions } from "./deps.ts";

/**
 * The service that does training runs: it claims them from their table, trains on a thread of its
 * own, writes and registers the signed artefact, and requests the runs of schedules.
 */
export function createTrainer(deps: TrainerDeps): App {
  const ctx = createContext(deps);
  const { kit, bus } = deps;
  const loop = createRunLoop(ctx);
  const schedules = createRepeater({
    task: async () => {
      if ((await fireSchedules(ctx)) > 0) loop.wake();
    },
    pauseMs: () => ctx.options.pollMs,
    what: "looking for schedules that are due",
    logger: kit.logger,
  });
  const probes = probesOf(deps);
  const http = createHttpApp({
    service: APP,
    version: deps.version,
    kit,
    probes,
    endpoints: [],
    state: deps.state,
  });
  const presence = createPresence({ ...deps, service: APP, probes });
  const unhook: (() => void)[] = [];
  let subscription: Subscription | undefined;
  const quiesce = async (): Promise<void> => {
    for (const off of unhook.splice(0)) off();
    await subscription?.close();
    subscription = undefined;
    await Promise.all([schedules.close(), loop.close()]);
  };
  return {
    name: APP,
    fetch: (request, env) => http.fetch(request, env),
    endpoints: [],
    probes,
    async start() {
      subscription = await bus.hear(subjects.trainingRequested.name, () => loop.wake());
      unhook.push(bus.onReconnect(() => loop.wake()));
      void schedules.runNow();
      loop.start();
      presence.start();
    },
    quiesce,
    async close() {
      await quiesce();
      await presence.close();
    },
  };
}

function probesOf({ bus, trainingRuns, archive, modelFiles, probes = [] }: TrainerDeps): Probe[] {
  return [
    { name: "bus", check: () => bus.check() },
    { name: "training_runs", check: () => trainingRuns.check() },
    { name: "archive", check: () => archive.check() },
    { name: "model_files", check: () => modelFiles.reader.check() },
    ...probes,
  ];
}
