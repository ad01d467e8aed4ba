import type { Prediction, RelatedBody } from "@signalpath/contracts";
import type { KeyRecord } from "@signalpath/ports";

import { findModel } from "./find-model.ts";
import type { Answer, PredictDeps } from "./predict.ts";

/**
 * A list for somebody the model never saw, from items they have; these are left out. Nothing when
 * the model knows none of them.
 * @throws ServiceError MODEL_NOT_FOUND, FOREIGN_PROJECT, MODEL_LOAD_FAILED.
 */
export function createRelated({ serving, metrics, newId }: PredictDeps) {
  return async (
    key: KeyRecord,
    modelId: number,
    { seed_items: seedItems, cutoff, exclude_items }: RelatedBody,
  ): Promise<Answer<Prediction>> => {
    const { scorer, row } = await serving.load(await findModel(serving, key, modelId));
    const known = scorer.score({ seedItems }, { k: cutoff, exclude: exclude_items });
    metrics.predicted("related", known === undefined ? "unknown_user" : "served");
    const body = { items: known ?? [], model_id: modelId, request_id: newId() };
    return { body, version: row.version };
  };
}
