import type { BatchPrediction, PredictBatchBody } from "@signalpath/contracts";
import type { KeyRecord } from "@signalpath/ports";

import { findModel } from "./find-model.ts";
import type { Answer, PredictDeps } from "./predict.ts";

/** Scoring goes on this long before others have their turn, milliseconds. */
const STRETCH_MS = 5;

/**
 * Lists for many users, in their order, all from one version; who is unknown has an empty one.
 * @throws ServiceError MODEL_NOT_FOUND, FOREIGN_PROJECT, MODEL_LOAD_FAILED.
 */
export function createPredictBatch({ serving, metrics, newId }: PredictDeps) {
  return async (
    key: KeyRecord,
    modelId: number,
    { user_ids, cutoff }: PredictBatchBody,
  ): Promise<Answer<BatchPrediction>> => {
    const model = await serving.load(await findModel(serving, key, modelId));
    const results: BatchPrediction["results"] = [];
    let since = performance.now();
    for (const user_id of user_ids) {
      const known = serving.listFor(model, { user: user_id, k: cutoff, exclude: [] });
      metrics.predicted("batch", known === undefined ? "unknown_user" : "served");
      results.push({ user_id, items: known ?? [], model_id: modelId, request_id: newId() });
      if (performance.now() - since < STRETCH_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      since = performance.now();
    }
    return { body: { results }, version: model.row.version };
  };
}
