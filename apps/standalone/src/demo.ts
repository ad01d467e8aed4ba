import { sampleCatalogue, type Backends } from "@signalpath/backends";
import { userKey } from "@signalpath/domain";
import { sha256, type Kit } from "@signalpath/service-kit";

import type { Credentials } from "./credentials.ts";
import { layHistory } from "./simulator/lay-history.ts";
import { createSender } from "./simulator/sender.ts";
import { createSimulator } from "./simulator/simulator.ts";
import { SHOWN_VISITOR, VISITORS, type Visitor } from "./simulator/visitors.ts";

/** The shown visitor's first model is waited for this long, milliseconds. */
const MODEL_MS = 2_000;
const POLL_MS = 10;

export interface DemoDeps {
  backends: Pick<Backends, "archive" | "models">;
  kit: Kit;
  credentials: Credentials;
}

/**
 * Starts the simulated visitors. Before that one of them gets a history, unless there is one
 * already, so that the first list anybody asks for is warm.
 */
export async function startDemo(deps: DemoDeps): Promise<{ close(): Promise<void> }> {
  const { kit, credentials } = deps;
  const sender = createSender({
    url: credentials.url,
    writeKey: credentials.write_key,
    apiKey: credentials.api_key,
    fetch,
    now: kit.now,
    newId: kit.newId,
  });
  const shown = VISITORS.find((visitor) => visitor.userId === SHOWN_VISITOR) as Visitor;
  const key = userKey(sha256, credentials.project_id, "user", shown.userId);
  const past = await deps.backends.archive.eventsOf(credentials.project_id, key, { limit: 1 });
  if (past.length === 0) {
    await layHistory(sender, shown, sampleCatalogue(kit.now()));
    const deadline = kit.now() + MODEL_MS;
    while (kit.now() < deadline) {
      if ((await deps.backends.models.get(key)).status !== "absent") break;
      await pause(POLL_MS);
    }
  }
  const stop = new AbortController();
  const simulator = createSimulator({
    sender,
    sleep: (ms) => pause(ms, stop.signal),
    signal: stop.signal,
    seed: kit.now(),
    onTrouble: (error) => kit.logger.warn({ err: error }, "a simulated visitor had no answer"),
  });
  const running = simulator.run();
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** Resolves after `ms`, or as soon as the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
