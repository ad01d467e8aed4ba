import { subjects } from "@signalpath/contracts";
import {
  createModelCache,
  createModelLoader,
  createThreadChecker,
  type Checker,
  type KeyRing,
  type LoadedModel,
  type ModelRow,
} from "@signalpath/model-loader";
import type {
  Bus,
  DeploymentSlots,
  ModelCatalogue,
  ModelFileReader,
  Probe,
  Projects,
} from "@signalpath/ports";
import { allProjectIds, type Kit, type Logger } from "@signalpath/service-kit";

import { followTable } from "../followed-table.ts";
import { createLiveMetrics } from "./live-metrics.ts";
import { liveScorerKinds, type LiveScorer } from "./live-scorer.ts";

/** Tables are read again this often, whatever was heard, milliseconds. */
const REREAD_MS = 60_000;
/** After a reading that failed, and while a version could not be loaded, milliseconds. */
const RETRY_MS = 5_000;
const KINDS = liveScorerKinds();

/** Where trained models are found, and how they are verified. Nothing here is written. */
export interface TrainedModelDeps {
  modelCatalogue: Pick<ModelCatalogue, "served">;
  deploymentSlots: Pick<DeploymentSlots, "routing">;
  modelFiles: ModelFileReader;
  /** Keys that artefacts may be signed with. */
  ring: KeyRing;
  /** Runs the checks of artefacts; absent = on a thread of the recommender's own. */
  checker?: Checker | undefined;
}

/** A verified version in memory. */
export type LiveModel = Pick<LoadedModel<LiveScorer>, "row" | "scorer">;

/** The trained model each project's lists are made with. */
export interface LiveModels {
  /** For `/readyz`: fails while any project's model is not the one its slots name. */
  probes: readonly Probe[];
  /** Listens, then loads. What cannot be loaded is told, not thrown. */
  start(): Promise<void>;
  close(): Promise<void>;
  /** Undefined while the project has none. Never loads anything. */
  model(projectId: number): LiveModel | undefined;
  /** True when a newer version of the project's model could not be loaded, or the table not read. */
  degraded(projectId: number): boolean;
}

export interface LiveModelSettings {
  /** Projects whose model is held in memory, those created first. */
  maxModels: number;
  /** Of all models together. */
  maxBytes: number;
}

/**
 * Rule: a project's lists are made with the serving version of the model in its heaviest active
 * deployment slot, the older slot of two equal ones. Slots whose model has no version yet, or is of
 * a kind that does not know people by their items, are passed over; where none is left, there is no
 * such model.
 *
 * Tables are read at start, when `models.trained` or `models.slots.changed` is heard, after a
 * reconnect of the bus and every 60 s. A version is loaded beside the one that serves and takes its
 * place in one step; while it cannot be, the old one goes on.
 */
function createLiveModels(
  deps: TrainedModelDeps & {
    projects: Pick<Projects, "list">;
    bus: Pick<Bus, "hear" | "onReconnect">;
    kit: Pick<Kit, "now" | "metrics">;
    logger: Logger;
    settings: LiveModelSettings;
  },
): LiveModels {
  const { bus, logger, settings, kit } = deps;
  const metrics = createLiveMetrics(kit.metrics);
  const checker = deps.checker ?? createThreadChecker();
  const cache = createModelCache<LiveScorer>({
    load: createModelLoader({ ...deps, files: deps.modelFiles, checker, kinds: KINDS }),
    ...settings,
    clock: kit.now,
    retryAfterMs: RETRY_MS,
    onEvent: (event) => metrics.cacheEvent(event.type),
  });
  const live = new Map<number, LiveModel>();
  const behind = new Map<number, string>();

  /** The old model goes on until the new one is in memory. */
  async function bring(projectId: number, row: ModelRow): Promise<void> {
    try {
      live.set(projectId, await cache.get(row));
      behind.delete(projectId);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      behind.set(projectId, `model ${row.model_id} version ${row.version}: ${reason}`);
      logger.error(
        { err: error, project_id: projectId, ...idOf(row) },
        "a live model stays behind",
      );
    }
  }

  async function readAll(): Promise<void> {
    const wanted = await liveRows(deps, await allProjectIds(deps.projects));
    const kept = [...wanted].slice(0, settings.maxModels);
    if (kept.length < wanted.size) {
      logger.warn({ models: wanted.size, held: kept.length }, "more live models than are held");
    }
    const held = new Set(kept.map(([projectId]) => projectId));
    for (const projectId of [...live.keys(), ...behind.keys()]) {
      if (held.has(projectId)) continue;
      live.delete(projectId);
      behind.delete(projectId);
    }
    for (const [projectId, row] of kept) await bring(projectId, row);
    const used = new Set([...live.values()].map(({ row }) => row.model_id));
    for (const row of cache.list()) if (!used.has(row.model_id)) cache.evict(row.model_id);
    metrics.state(live.size, behind.size);
  }

  const table = followTable({
    subjects: [subjects.modelTrained, subjects.slotsChanged],
    read: readAll,
    pauseMs: (failed) => (failed || behind.size > 0 ? RETRY_MS : REREAD_MS),
    what: "reading live models",
    bus,
    logger,
  });

  const check = async (): Promise<void> => {
    const [first] = behind.values();
    if (first !== undefined) throw new Error(first);
  };
  return {
    probes: [{ name: "live_models", check, essential: false }],
    start: () => table.start(),
    async close() {
      await table.close();
      for (const row of cache.list()) cache.evict(row.model_id);
      live.clear();
      if (deps.checker === undefined) await checker.close();
    },
    model: (projectId) => live.get(projectId),
    degraded: (projectId) => behind.has(projectId),
  };
}

type Dependencies = Parameters<typeof createLiveModels>[0];

/** The same where everything a trained model needs is there; undefined where it is not. */
export function openLiveModels(
  deps: Omit<Dependencies, keyof TrainedModelDeps> & Partial<TrainedModelDeps>,
): LiveModels | undefined {
  const { modelCatalogue, deploymentSlots, modelFiles, ring } = deps;
  if (!modelCatalogue || !deploymentSlots || !modelFiles || !ring) return undefined;
  return createLiveModels({ ...deps, modelCatalogue, deploymentSlots, modelFiles, ring });
}

/** What the rule names, by project, in the order the projects are given. */
async function liveRows(
  { deploymentSlots, modelCatalogue }: TrainedModelDeps,
  projectIds: readonly number[],
): Promise<Map<number, ModelRow>> {
  const rows = new Map<number, ModelRow>();
  for (const projectId of projectIds) {
    const slots = (await deploymentSlots.routing(projectId))?.slots ?? [];
    if (slots.length === 0) continue;
    const served = await modelCatalogue.served(slots.map((slot) => slot.trained_model_id));
    const usable = new Map(
      served
        .filter(({ kind }) => Object.hasOwn(KINDS, kind))
        .map((row) => [row.trained_model_id, row]),
    );
    // Stable: of two equal weights the older slot stays first.
    const [heaviest] = slots
      .filter((slot) => usable.has(slot.trained_model_id))
      .sort((a, b) => b.weight - a.weight);
    if (heaviest === undefined) continue;
    const { trained_model_id: model_id, ...rest } = usable.get(heaviest.trained_model_id)!;
    rows.set(projectId, { model_id, ...rest });
  }
  return rows;
}

function idOf({ model_id, version }: ModelRow): { model_id: number; version: number } {
  return { model_id, version };
}
