import type { ShadowComparisons } from "@signalpath/contracts";
import type { ScoredItem } from "@signalpath/models";
import type { DeploymentSlot } from "@signalpath/ports";
import type { Logger } from "@signalpath/service-kit";

import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { Serving, Wish } from "./serving.ts";

/** Requests that wait for a shadow at one time; further ones are dropped and counted. */
const MAX_WAITING = 100;
/** Slots that are remembered. */
const MAX_SLOTS = 1_000;

/** Puts a share of the requests to shadows too, behind the answer. Records nothing but sums. */
export interface Shadows {
  /** Never throws, never waits: what cannot be taken is dropped. */
  offer(shadows: readonly DeploymentSlot[], wish: Wish, served: readonly ScoredItem[]): void;
  comparisons(projectId: number): ShadowComparisons;
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
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

/** @param deps.random in [0, 1): draws which requests are put to a shadow; `weight` percent are. */
export function createShadows(deps: {
  serving: Pick<Serving, "models" | "load" | "listFor">;
  metrics: Pick<GatewayMetrics, "shadowed">;
  random: () => number;
  /** Milliseconds. */
  now: () => number;
  logger: Logger;
}): Shadows {
  const { serving, metrics, random, now, logger } = deps;
  const bySlot = new Map<number, Sums>();
  const waiting: Job[] = [];
  let running: Promise<void> | undefined;
  let closed = false;

  function sumsOf(slot: DeploymentSlot): Sums | undefined {
    const { id, project_id: projectId, trained_model_id: modelId } = slot;
    const known = bySlot.get(id);
    if (known?.modelId === modelId) return known;
    if (known === undefined && bySlot.size >= MAX_SLOTS) return undefined;
    const none = { compared: 0, dropped: 0, errors: 0, ms: 0 };
    const sums = { ...none, projectId, modelId, overlap: 0, correlation: 0, correlated: 0 };
    bySlot.set(id, sums);
    return sums;
  }

  async function compare({ slot, wish, served }: Job, sums: Sums): Promise<void> {
    const row = await serving.models.get(slot.trained_model_id);
    if (row === undefined) throw new Error("the shadow's model is gone");
    const model = await serving.load(row);
    const begun = now();
    const list = serving.listFor(model, wish);
    if (list === undefined) throw new Error("the shadow does not know the user");
    sums.ms += now() - begun;
    const ids = list.map(({ item_id }) => item_id);
    sums.overlap += overlapOf(served, ids);
    const correlation = spearman(served, ids);
    if (correlation !== undefined) {
      sums.correlation += correlation;
      sums.correlated += 1;
    }
    sums.compared += 1;
  }

  async function drain(): Promise<void> {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      // Requests that came meanwhile are answered first.
      await new Promise((resolve) => setImmediate(resolve));
      if (closed) return;
      const sums = sumsOf(job.slot);
      if (sums === undefined) continue;
      try {
        await compare(job, sums);
        metrics.shadowed("compared");
      } catch (error) {
        sums.errors += 1;
        metrics.shadowed("failed");
        logger.debug({ err: error, slot_id: job.slot.id }, "a shadow did not answer");
      }
    }
  }

  return {
    offer(shadows, wish, served) {
      for (const slot of shadows) {
        if (closed || random() * 100 >= slot.weight) continue;
        if (waiting.length >= MAX_WAITING) {
          const sums = sumsOf(slot);
          if (sums !== undefined) sums.dropped += 1;
          metrics.shadowed("dropped");
          continue;
        }
        waiting.push({ slot, wish, served: served.map(({ item_id }) => item_id) });
        running ??= drain().finally(() => (running = undefined));
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
    idle: async () => running,
    async close() {
      closed = true;
      await running;
    },
  };
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
