import {
  batchPrediction,
  inferenceHealth,
  loadedModels,
  predictBatchBody,
  predictBody,
  prediction,
  projectPrediction,
  relatedBody,
  type Endpoint,
} from "@signalpath/contracts";

/** Every path is answered below this prefix and without it. */
export const PREFIX = "/inference";

/** Every call of this app: its routes are bound to these, its OpenAPI document is made from them. */
export const endpoints = {
  predict: {
    method: "post",
    path: `${PREFIX}/predict/{model_id}`,
    summary: "A list for one user from one model",
    tag: "inference",
    auth: "predict",
    body: predictBody,
    response: prediction,
    errors: [404],
  },
  batch: {
    method: "post",
    path: `${PREFIX}/predict/{model_id}/batch`,
    summary: "Lists for up to 100 users from one model",
    tag: "inference",
    auth: "predict",
    body: predictBatchBody,
    response: batchPrediction,
    errors: [404],
  },
  project: {
    method: "post",
    path: `${PREFIX}/predict/project/{project_id}`,
    summary: "A list for one user from the deployment slot that is theirs",
    tag: "inference",
    auth: "predict",
    body: predictBody,
    response: projectPrediction,
    errors: [404],
  },
  related: {
    method: "post",
    path: `${PREFIX}/predict/{model_id}/related`,
    summary: "A list for somebody the model never saw, from items they have",
    tag: "inference",
    auth: "predict",
    body: relatedBody,
    response: prediction,
    errors: [404],
  },
  health: {
    method: "get",
    path: `${PREFIX}/health`,
    summary: "The gateway answers, with so many models in memory",
    tag: "inference",
    auth: "none",
    response: inferenceHealth,
    errors: [],
  },
  models: {
    method: "get",
    path: `${PREFIX}/models`,
    summary: "Models in memory, least recently used first",
    tag: "inference",
    auth: "none",
    response: loadedModels,
    errors: [],
  },
} as const satisfies Record<string, Endpoint>;
