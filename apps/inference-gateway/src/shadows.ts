import type { ShadowComparisons } from "@signalpath/contracts";
import type { ScoredItem } from "@signalpath/models";
import type { DeploymentSlot } from "@signalpath/ports";
import type { Logger } from "@signalpath/service-kit";

import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { LiveRequests } from "./live-requests.ts";
import type { Scorer } from "./scorer.ts";
import type { Serving, Wish } from "./serving.ts";

/** Requests that wait for a shadow at one time; further ones are dropped and counted. */
const MAX_WAITING = 100;
/** Slots that are remembered; beyond it the one that was met first is forgotten. */
const MAX_SLOTS = 1_000;
/** Of the time of the thread that answers, shadows may score at most this share. */
const MAX_SHARE = 0.1;

/** Puts a share of the requests to shadows too, behind the answer. Records nothing but sums. */
export interface Shadows {
  /** Never throws, never waits: what cannot be taken is dropped. */
  offer(shadows: readonly DeploymentSlot[], wish: Wish, served: readonly ScoredItem[]): void;
  comparisons(projectId: number): ShadowComparisons;
  /** Waits for no shadow: a load that is under way is left to itself. */
  close(): Promise<void>;
}

interface Sums {
  projectId: number;
  modelId: number;
  compared: number;
  dropped: number;
  errors: number;
  overlap: number;
  correlation: number;
  correlated: number;
  ms: number;
}

interface Job {
  slot: DeploymentSlot;
  wish: Wish;
  served: readonly string[];
}

/**
 * Scores one request at a time, when none is being answered, and then rests nine times as long.
 * @param deps.random in [0, 1): draws which requests are put to a shadow; `weight` percent are.
 */
export function createShadows(deps: {
  serving: Pick<Serving, "models" | "loadAside">;
  live: Pick<LiveRequests, "quiet">;
  metrics: Pick<GatewayMetrics, "shadowed">;
  random: () => number;
  /** Milliseconds. */
  now: () => number;
  /** Resolves after so many milliseconds, sooner when the signal fires. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  logger: Logger;
}): Shadows {
  const { serving, live, metrics, random, now, pause, logger } = deps;
  const bySlot = new Map<number, Sums>();
  const waiting: Job[] = [];
  const ending = new AbortController();
  const { signal } = ending;
  const ended = new Promise<undefined>((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  let isDraining = false;
  let running: Promise<void> | undefined;

  function sumsOf(slot: DeploymentSlot): Sums {
    const { id, project_id: projectId, trained_model_id: modelId } = slot;
    const known = bySlot.get(id);
    if (known?.modelId === modelId) return known;
    const [first] = bySlot.keys();
    if (first !== undefined && bySlot.size >= MAX_SLOTS) bySlot.delete(first);
    const none = { compared: 0, dropped: 0, errors: 0, ms: 0 };
    const sums = { ...none, projectId, modelId, overlap: 0, correlation: 0, correlated: 0 };
    bySlot.set(id, sums);
    return sums;
  }

  /** Not before its model is here and no request is being answered. */
  async function scorerOf({ trained_model_id: id }: DeploymentSlot): Promise<Scorer> {
    const row = await serving.models.get(id);
    if (row === undefined) throw new Error("the shadow's model is gone");
    const { scorer } = await serving.loadAside(row);
    await new Promise((resolve) => setImmediate(resolve));
    await live.quiet();
    return scorer;
  }

  /** @returns milliseconds of scoring. */
  async function compare({ slot, wish, served }: Job): Promise<number> {
    const sums = sumsOf(slot);
    let ms = 0;
    try {
      const scorer = await scorerOf(slot);
      if (signal.aborted) return ms;
      const begun = now();
      let list: ScoredItem[] | undefined;
      try {
        list = scorer.score({ user: wish.user }, { k: wish.k, exclude: wish.exclude });
      } finally {
        ms = now() - begun;
      }
      if (list === undefined) throw new Error("the shadow does not know the user");
      const ids = list.map(({ item_id }) => item_id);
      addTo(sums, served, ids, ms);
      metrics.shadowed("compared");
    } catch (error) {
      sums.errors += 1;
      metrics.shadowed("failed");
      logger.debug({ err: error, slot_id: slot.id }, "a shadow did not answer");
    }
    return ms;
  }

  async function drain(): Promise<void> {
    isDraining = true;
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      // Neither a load nor a busy gateway holds an end back.
      const ms = await Promise.race([compare(job), ended]);
      if (ms !== undefined && ms > 0) await pause(ms * (1 / MAX_SHARE - 1), signal);
      if (signal.aborted) break;
    }
    isDraining = false;
  }

  return {
    offer(shadows, wish, served) {
      for (const slot of shadows) {
        if (signal.aborted || random() * 100 >= slot.weight) continue;
        if (waiting.length >= MAX_WAITING) {
          sumsOf(slot).dropped += 1;
          metrics.shadowed("dropped");
          continue;
        }
        waiting.push({ slot, wish, served: served.map(({ item_id }) => item_id) });
        if (!isDraining) running = drain();
      }
    },
    comparisons: (projectId) => ({
      slots: [...bySlot]
        .filter(([, sums]) => sums.projectId === projectId)
        .map(([slot_id, { modelId, compared, dropped, errors, ...sums }]) => ({
          slot_id,
          model_id: modelId,
          compared,
          dropped,
          errors,
          overlap: compared === 0 ? null : sums.overlap / compared,
          rank_correlation: sums.correlated === 0 ? null : sums.correlation / sums.correlated,
          scoring_ms: compared === 0 ? null : sums.ms / compared,
        })),
    }),
    async close() {
      ending.abort();
      await running;
    },
  };
}

function addTo(sums: Sums, served: readonly string[], ids: readonly string[], ms: number): void {
  sums.ms += ms;
  sums.compared += 1;
  sums.overlap += overlapOf(served, ids);
  const correlation = spearman(served, ids);
  if (correlation === undefined) return;
  sums.correlation += correlation;
  sums.correlated += 1;
}

function overlapOf(served: readonly string[], ids: readonly string[]): number {
  if (served.length === 0) return ids.length === 0 ? 1 : 0;
  const own = new Set(ids);
  return served.filter((id) => own.has(id)).length / served.length;
}

/** Spearman's rho of the order of what both lists have; undefined below two items. */
function spearman(served: readonly string[], ids: readonly string[]): number | undefined {
  const own = new Set(served);
  const common = ids.filter((id) => own.has(id));
  const n = common.length;
  if (n < 2) return undefined;
  const place = new Map(common.map((id, at) => [id, at]));
  const squares = served
    .filter((id) => place.has(id))
    .reduce((sum, id, at) => sum + ((place.get(id) ?? 0) - at) ** 2, 0);
  return 1 - (6 * squares) / (n * (n * n - 1));
}
