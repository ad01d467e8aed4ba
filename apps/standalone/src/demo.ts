import { sampleCatalogue, type Backends } from "@signalpath/backends";
import { userKey } from "@signalpath/domain";
import { sha256, type Kit } from "@signalpath/service-kit";

import type { Credentials } from "./credentials.ts";
import { pause } from "./pause.ts";
import { receiveGuests } from "./simulator/guests.ts";
import { layHistory } from "./simulator/lay-history.ts";
import { seededRandom } from "./simulator/random.ts";
import { createSender, type Sender } from "./simulator/sender.ts";
import { createSimulator } from "./simulator/simulator.ts";
import { createTrials, type Trials } from "./simulator/trials.ts";
import { SHOWN_VISITOR, VISITORS, type Visitor } from "./simulator/visitors.ts";

/** The shown visitor's first model is waited for this long, milliseconds. */
const MODEL_MS = 2_000;
const POLL_MS = 10;
/** Pause before experiments that could not be laid are tried again, milliseconds. */
const TRIALS_RETRY_MS = 5_000;

export interface DemoDeps {
  backends: Pick<Backends, "archive" | "models">;
  kit: Kit;
  credentials: Credentials;
}

/**
 * Starts the simulated visitors and the demo's experiments. Before that one of the visitors gets a
 * history, unless there is one already, so that the first list anybody asks for is warm; the
 * history of the experiments is laid behind the start.
 */
export async function startDemo(deps: DemoDeps): Promise<{ close(): Promise<void> }> {
  const { kit, credentials } = deps;
  const client = {
    url: credentials.url,
    writeKey: credentials.write_key,
    apiKey: credentials.api_key,
    fetch,
    now: kit.now,
    newId: kit.newId,
  };
  const sender = createSender(client);
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
  const common = {
    sleep: (ms: number) => pause(ms, stop.signal),
    signal: stop.signal,
    onTrouble: (err: unknown) => kit.logger.warn({ err }, "a simulated visitor had no answer"),
  };
  const { sleep } = common;
  const trials = createTrials({ ...client, random: seededRandom(kit.now()), sleep });
  const reporting = reportsLists(sender, trials);
  const simulator = createSimulator({ ...common, sender: reporting, seed: kit.now() });
  const guests = async () => {
    await openTrials(trials, common, kit);
    await receiveGuests({ ...common, sender, trials, now: kit.now });
  };
  const running = Promise.all([simulator.run(), guests()]);
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** Visitors report which variation their lists are of, as a page would that shows one. */
function reportsLists(sender: Sender, trials: Trials): Sender {
  return {
    ...sender,
    async recommend(visitor, limit) {
      const answer = await sender.recommend(visitor, limit);
      await trials.met(visitor.userId, answer.experiments);
      return answer;
    },
  };
}

/** Until it succeeded: a service that is busy at its start takes the rest later. */
async function openTrials(
  trials: Trials,
  { signal, sleep }: { signal: AbortSignal; sleep: (ms: number) => Promise<void> },
  { logger }: Pick<Kit, "logger">,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await trials.open(signal);
    } catch (err) {
      if (signal.aborted) return;
      logger.warn({ err }, "the experiments of the demo are not there yet");
      await sleep(TRIALS_RETRY_MS);
    }
  }
}
