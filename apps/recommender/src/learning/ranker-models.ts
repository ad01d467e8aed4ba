import type { LearnerItem } from "@signalpath/domain";
import { createModelCache, createModelLoader, createThreadChecker } from "@signalpath/model-loader";
import { contentLtr, type Ranker } from "@signalpath/models";
import type { ServedModel } from "@signalpath/ports";
import type { Logger } from "@signalpath/service-kit";

import type { RecommenderDeps } from "../deps.ts";

/** What serves is asked again after this time, milliseconds. */
const ROW_LIFE_MS = 5_000;
const MAX_MODELS = 20;
const MAX_BYTES = 256 * 2 ** 20;

/** Learned rankers, loaded from signed artefacts when a list first needs them. */
export interface RankerModels {
  /**
   * Score of an item by the version of a model that serves; undefined when there is none that can
   * be loaded. What served goes on while a newer version cannot be loaded.
   */
  scorerOf(
    projectId: number,
    modelId: number,
  ): Promise<((item: LearnerItem) => number) | undefined>;
  close(): Promise<void>;
}

type Deps = Pick<RecommenderDeps, "modelCatalogue" | "modelFiles" | "ring"> & {
  kit: { now: () => number; logger: Logger };
};

/** Rankers of the catalogue's serving versions; none without a catalogue, files and keys. */
export function createRankerModels({ modelCatalogue, modelFiles, ring, kit }: Deps): RankerModels {
  if (modelCatalogue === undefined || modelFiles === undefined || ring === undefined) {
    return { scorerOf: async () => undefined, close: async () => undefined };
  }
  const { now, logger } = kit;
  const checker = createThreadChecker();
  const load = createModelLoader<Ranker>({
    files: modelFiles,
    ring,
    checker,
    kinds: { [contentLtr.name]: contentLtr },
    maxBytes: MAX_BYTES,
  });
  const cache = createModelCache({ load, maxModels: MAX_MODELS, maxBytes: MAX_BYTES, clock: now });
  const rows = new Map<number, { row: ServedModel | undefined; readAtMs: number }>();

  async function rowOf(modelId: number): Promise<ServedModel | undefined> {
    const known = rows.get(modelId);
    if (known !== undefined && now() - known.readAtMs < ROW_LIFE_MS) return known.row;
    const [row] = await modelCatalogue!.served([modelId]);
    rows.set(modelId, { row, readAtMs: now() });
    return row;
  }

  return {
    async scorerOf(projectId, modelId) {
      try {
        const row = await rowOf(modelId);
        if (row === undefined || row.project_id !== projectId) return undefined;
        const { trained_model_id: model_id, project_id, version, sha256, file, kind } = row;
        return (await cache.get({ model_id, project_id, version, sha256, file, kind })).scorer
          .score;
      } catch (error) {
        logger.warn({ err: error, model_id: modelId }, "a learned ranker cannot be loaded");
        return cache.use(modelId)?.scorer.score;
      }
    },
    close: () => checker.close(),
  };
}
