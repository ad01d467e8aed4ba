import { ModelFileError, ServiceError } from "@signalpath/contracts";
import {
  createModelCache,
  createModelLoader,
  isAway,
  type Checker,
  type LoadedModel,
  type ModelCache,
  type ModelCacheEvent,
  type ModelRow,
} from "@signalpath/model-loader";
import type { ScoredItem } from "@signalpath/models";
import type { ServedModel, SlotRouting } from "@signalpath/ports";
import type { Logger } from "@signalpath/service-kit";

import type { GatewayDeps, GatewaySettings } from "./deps.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { createListMemo } from "./list-memo.ts";
import { createRowMemo, type RowMemo } from "./row-memo.ts";
import { scorerKinds, type Scorer } from "./scorer.ts";
import { within } from "./within.ts";

/** Shadows have at most this part of the limits of models that answer, on top of them. */
const ASIDE = 1 / 4;
/** Rows a single read asks for at most. */
const PAGE = 2_000;

export type ServingModel = LoadedModel<Scorer>;

/** A list that somebody wants. */
export interface Wish {
  user: string;
  k: number;
  exclude: readonly string[];
}

/** What answers requests: rows and routings in memory, and the models they name. */
export interface Serving {
  models: RowMemo<ServedModel>;
  routings: RowMemo<SlotRouting>;
  cache: ModelCache<Scorer>;
  /**
   * The model that serves; loaded when none does yet. What serves goes on until a newer version is
   * in memory.
   * @throws ServiceError MODEL_LOAD_FAILED.
   */
  load(row: ServedModel): Promise<ServingModel>;
  /**
   * The model for a comparison. Nothing that answers makes room for it: what is not in memory for
   * answers already is kept in a smaller cache beside.
   * @throws ModelFileError; UnavailableError; Error when it is not there within the deadline.
   */
  loadAside(row: ServedModel): Promise<ServingModel>;
  /** Versions in memory, for answers and for comparisons, each once. */
  held(): ModelRow[];
  /** What a model has for a user; undefined when it does not know them. */
  listFor(model: ServingModel, wish: Wish): ScoredItem[] | undefined;
  /**
   * Reads rows of models anew and brings memory in line with them.
   * @returns models whose new version could not be loaded: what served goes on. Throws what the
   * store throws.
   */
  sync(modelIds: readonly number[]): Promise<number[]>;
}

export function createServing(
  deps: Pick<GatewayDeps, "modelCatalogue" | "deploymentSlots" | "modelFiles" | "ring"> & {
    kit: Pick<GatewayDeps["kit"], "now">;
    checker: Checker;
    logger: Logger;
    metrics: GatewayMetrics;
    settings: GatewaySettings;
  },
): Serving {
  const { modelCatalogue, deploymentSlots, logger, metrics, settings } = deps;
  const { now } = deps.kit;
  const models = createRowMemo({ now, read: (ids) => readServed(modelCatalogue, ids) });
  const routings = createRowMemo({ now, read: (ids) => readRoutings(deploymentSlots, ids) });
  const lists = createListMemo();
  const loader = createModelLoader({
    files: deps.modelFiles,
    ring: deps.ring,
    checker: deps.checker,
    kinds: scorerKinds(),
    maxBytes: settings.maxBytes,
  });
  const cache = createModelCache<Scorer>({
    load: loader,
    maxModels: settings.maxModels,
    maxBytes: settings.maxBytes,
    clock: now,
    onEvent: (event) => {
      metrics.cacheEvent(event);
      tell(event, logger);
      // Told before an eviction that makes room: that one tells again.
      const { models: count, bytes } = cache.stats();
      metrics.resident(count, bytes);
    },
  });
  const aside = createModelCache<Scorer>({
    load: loader,
    maxModels: Math.max(1, Math.floor(settings.maxModels * ASIDE)),
    maxBytes: Math.max(1, Math.floor(settings.maxBytes * ASIDE)),
    clock: now,
    onEvent: (event) => tell(event, logger.child({ use: "shadow" })),
  });
  /** Answers false when the old version serves on. */
  const swap = async (id: number): Promise<boolean> => {
    const row = models.peek(id);
    if (row === undefined) {
      cache.evict(id);
      return true;
    }
    // A refusal was told by the cache.
    return cache.swap(rowOf(row)).then(
      () => true,
      () => false,
    );
  };
  return {
    models,
    routings,
    cache,
    async load(row) {
      const id = row.trained_model_id;
      const model = cache.use(id);
      if (model !== undefined) return model;
      try {
        return await within(settings.loadDeadlineMs, cache.get(rowOf(row)));
      } catch (cause) {
        const code = cause instanceof ModelFileError ? cause.code : "UNAVAILABLE";
        throw new ServiceError("MODEL_LOAD_FAILED", `Model ${id} failed to load: ${code}`, {
          cause,
          retryAfterSeconds: isAway(cause) ? 5 : 30,
        });
      }
    },
    async loadAside(served) {
      const row = rowOf(served);
      const here = cache.peek(row.model_id);
      if (here?.row.sha256 !== row.sha256) {
        return within(settings.loadDeadlineMs, aside.get(row));
      }
      aside.evict(row.model_id);
      return here;
    },
    held() {
      const rows = [...cache.list(), ...aside.list()];
      return [...new Map(rows.map((row) => [`${row.model_id} ${row.sha256}`, row])).values()];
    },
    listFor({ row, scorer }, { user, k, exclude }) {
      const make = () => scorer.score({ user }, { k, exclude });
      return exclude.length > 0 ? make() : lists.list(row, user, k, make);
    },
    async sync(ids) {
      await models.refresh(ids);
      const behind: number[] = [];
      for (const id of ids) if (!(await swap(id))) behind.push(id);
      return behind;
    },
  };
}

async function readServed(
  catalogue: GatewayDeps["modelCatalogue"],
  ids: readonly number[],
): Promise<Map<number, ServedModel>> {
  const found = new Map<number, ServedModel>();
  for (let from = 0; from < ids.length; from += PAGE) {
    const rows = await catalogue.served(ids.slice(from, from + PAGE));
    for (const row of rows) found.set(row.trained_model_id, row);
  }
  return found;
}

async function readRoutings(
  slots: GatewayDeps["deploymentSlots"],
  ids: readonly number[],
): Promise<Map<number, SlotRouting>> {
  const found = new Map<number, SlotRouting>();
  for (const id of ids) {
    const routing = await slots.routing(id);
    if (routing !== undefined) found.set(id, routing);
  }
  return found;
}

export function rowOf(served: ServedModel): ModelRow {
  const { trained_model_id: model_id, project_id, version, sha256, file, kind } = served;
  return { model_id, project_id, version, sha256, file, kind };
}

function tell(event: ModelCacheEvent, logger: Logger): void {
  const { model_id, version } = event.row;
  const fields = { model_id, version, event: event.type };
  if (event.type === "failed") {
    logger.error({ ...fields, err: event.error }, "a model was not loaded");
  } else logger.info(fields, "models in memory changed");
}
