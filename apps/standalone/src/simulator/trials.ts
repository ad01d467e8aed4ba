import { experiment, headers, pageOf, type ExperimentBody } from "@signalpath/contracts";
import { assignVariation } from "@signalpath/domain";

import { seededRandom } from "./random.ts";
import { createCall, type SenderDeps } from "./sender.ts";
import { conductOf, ruleOf, TRIALS } from "./trial-plan.ts";

/** People of the history that is laid, and the days it goes back. */
const READERS = 6_000;
const DAYS = 10;
const DAY_MS = 86_400_000;
/** Rows of one request: few, because one is one statement that nobody else's can interrupt. */
const CHUNK = 100;
/** After each request as long as it took, and at least this, milliseconds: others come first. */
const LEAST_REST_MS = 20;
const HISTORY_SEED = 23;
const PATH = "/api/v1/experiments";
const page = pageOf(experiment);

/** The demo's experiments, seen from the side of a client: the public calls and nothing else. */
export interface Trials {
  /**
   * Creates what is missing and lays its history; the same again changes nothing. What somebody
   * stopped or archived stays so.
   */
  open(signal: AbortSignal): Promise<void>;
  /** A person met a list: reports the exposure, and what came of it. */
  met(userId: string, assigned: readonly Assigned[]): Promise<void>;
}

interface Assigned {
  experiment_id: string;
  variation_index: number;
}

export function createTrials(
  deps: Pick<SenderDeps, "url" | "apiKey" | "fetch" | "now"> & {
    random: () => number;
    /** Resolves early when the signal of `open` aborts. */
    sleep: (ms: number) => Promise<void>;
  },
): Trials {
  const { now, random, sleep } = deps;
  const call = createCall(deps);
  const known = new Map<string, ExperimentBody>();
  const auth = { [headers.apiKey]: deps.apiKey, "content-type": "application/json" };
  const get = (path: string) => call(path, { headers: auth });
  const post = (path: string, body: unknown) =>
    call(path, { method: "POST", headers: auth, body: JSON.stringify(body) });

  async function bodyOf(id: string): Promise<ExperimentBody> {
    const found = known.get(id) ?? experiment.parse(await get(`${PATH}/${id}`));
    known.set(id, found);
    return found;
  }

  async function postAndRest(path: string, body: unknown): Promise<void> {
    const startedAt = now();
    await post(path, body);
    await sleep(Math.max(LEAST_REST_MS, now() - startedAt));
  }

  async function lay(of: ExperimentBody, signal: AbortSignal): Promise<void> {
    const rows = historyOf(of, now());
    for (let start = 0; start < rows.length && !signal.aborted; start += CHUNK) {
      const part = rows.slice(start, start + CHUNK);
      const exposures = part.map((row) => row.exposure);
      await postAndRest(`${PATH}/${of.id}/exposures`, { exposures });
      const conversions = part.flatMap((row) => row.conversions);
      for (let at = 0; at < conversions.length && !signal.aborted; at += CHUNK) {
        const chunk = conversions.slice(at, at + CHUNK);
        await postAndRest(`${PATH}/${of.id}/conversions`, { conversions: chunk });
      }
    }
  }

  return {
    async open(signal) {
      const { results } = page.parse(await get(`${PATH}?page_size=500`));
      for (const trial of Object.values(TRIALS)) {
        if (signal.aborted) return;
        const found = results.find(({ name }) => name === trial.name);
        const one = found ?? experiment.parse(await post(PATH, trial));
        if (one.status === "running" && !(await isLaid(one))) await lay(one, signal);
      }
    },
    async met(userId, assigned) {
      for (const { experiment_id, variation_index } of assigned) {
        const of = await bodyOf(experiment_id);
        const exposures = [{ user_id: userId, variation_index }];
        await post(`${PATH}/${experiment_id}/exposures`, { exposures });
        const day = new Date(now()).toISOString().slice(0, 10);
        const conversions = conductOf(of, variation_index, random).map((conduct) => {
          return {
            ...conduct,
            user_id: userId,
            idempotency_key: `${userId}:${conduct.metric}:${day}`,
          };
        });
        if (conversions.length > 0)
          await post(`${PATH}/${experiment_id}/conversions`, { conversions });
      }
    },
  };

  /** Half of the readers belong to each experiment: fewer, and a start was cut short. */
  async function isLaid({ id }: ExperimentBody): Promise<boolean> {
    const counted = (await get(`${PATH}/${id}/ingestion`)) as { exposures_total?: unknown };
    return Number(counted.exposures_total) >= READERS * 0.4;
  }
}

/** Who met the experiment in the days before `nowMs`, and what they did: the same for one clock. */
export function historyOf(of: ExperimentBody, nowMs: number) {
  const random = seededRandom(HISTORY_SEED);
  const rule = ruleOf(of);
  return Array.from({ length: READERS }, (_, n) => n).flatMap((n) => {
    const user_id = `reader-${n}`;
    const index = assignVariation(rule, user_id).variation_index;
    if (index === null) return [];
    const metAt = nowMs - (0.1 + random() * (DAYS - 0.1)) * DAY_MS;
    const conversions = conductOf(of, index, random).map((conduct) => ({
      ...conduct,
      user_id,
      idempotency_key: `${user_id}:${conduct.metric}`,
      // Within two hours, which are all before now.
      occurred_at: new Date(metAt + random() * 2 * 3_600_000).toISOString(),
    }));
    const occurred_at = new Date(metAt).toISOString();
    return [{ exposure: { user_id, variation_index: index, occurred_at }, conversions }];
  });
}
