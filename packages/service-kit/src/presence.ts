import { topics } from "@signalpath/contracts";
import type { Bus, Probe } from "@signalpath/ports";

import type { Kit } from "./app.ts";
import { createReadiness } from "./probes.ts";
import { createRepeater } from "./repeater.ts";

/** How often a process says that it is there, milliseconds. */
export const PRESENCE_MS = 5_000;

/**
 * Says on the bus, every five seconds and to whoever listens, that this app is there: version,
 * phase, and which of its dependencies answer. Nothing waits for it and nothing depends on it.
 */
export function createPresence(deps: {
  service: string;
  version: string;
  bus: Pick<Bus, "tell">;
  kit: Pick<Kit, "now" | "newId" | "logger">;
  probes: readonly Probe[];
  state: () => "starting" | "running" | "draining";
}): { start(): void; close(): Promise<void> } {
  const { service, version, bus, kit, state } = deps;
  const readiness = createReadiness(deps.probes, kit.now, state);
  let about: { instance: string; started_at: string } | undefined;

  async function tell(): Promise<void> {
    if (about === undefined) return;
    const { dependencies } = await readiness();
    bus.tell(topics.services, { ...about, service, version, state: state(), dependencies });
  }
  const repeater = createRepeater({
    task: tell,
    pauseMs: () => PRESENCE_MS,
    what: "saying that this app is there",
    logger: kit.logger,
  });
  return {
    start() {
      about = { instance: kit.newId(), started_at: new Date(kit.now()).toISOString() };
      void repeater.runNow();
    },
    async close() {
      await repeater.close();
      if (about === undefined) return;
      // What listens need not wait for the silence: this one is going away.
      const gone = { ...about, service, version, state: "draining" as const, dependencies: {} };
      bus.tell(topics.services, gone);
    },
  };
}
