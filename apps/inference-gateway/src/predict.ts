import type { PredictBody, Prediction } from "@signalpath/contracts";
import type { KeyRecord } from "@signalpath/ports";
import type { Kit } from "@signalpath/service-kit";

import { findModel, userUnknown } from "./find-model.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { Serving } from "./serving.ts";

export interface PredictDeps {
  serving: Serving;
  metrics: GatewayMetrics;
  newId: Kit["newId"];
}

/** A body, and the version of the model it is from. */
export interface Answer<T> {
  body: T;
  version: number;
}

/**
 * A list for one user from one model, without what they had in training.
 * @throws ServiceError MODEL_NOT_FOUND, FOREIGN_PROJECT, MODEL_LOAD_FAILED, USER_NOT_IN_MODEL.
 */
export function createPredict({ serving, metrics, newId }: PredictDeps) {
  return async (
    key: KeyRecord,
    modelId: number,
    { user_id, cutoff, exclude_items, fallback }: PredictBody,
  ): Promise<Answer<Prediction>> => {
    const model = await serving.load(await findModel(serving, key, modelId));
    const { scorer, row } = model;
    const known = serving.listFor(model, { user: user_id, k: cutoff, exclude: exclude_items });
    const common = { model_id: modelId, request_id: newId() };
    if (known !== undefined) {
      metrics.predicted("model", "served");
      return { body: { items: known, ...common }, version: row.version };
    }
    metrics.predicted("model", fallback ? "popular" : "unknown_user");
    if (!fallback) throw userUnknown(user_id);
    const items = await scorer.popular(cutoff, exclude_items);
    return { body: { items, ...common, fallback: "popular" }, version: row.version };
  };
}
