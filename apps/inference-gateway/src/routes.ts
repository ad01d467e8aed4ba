import {
  headers,
  predictBatchBody,
  predictBody,
  relatedBody,
  ServiceError,
} from "@signalpath/contracts";
import {
  parseBody,
  pathParam,
  setHeader,
  type Authenticator,
  type KitContext,
  type KitHono,
} from "@signalpath/service-kit";

import { requireCaller, requireProject } from "./caller.ts";
import type { Charge } from "./charge.ts";
import { PREFIX } from "./endpoints.ts";
import type { createPredictBatch } from "./predict-batch.ts";
import type { createPredictProject } from "./predict-project.ts";
import type { Answer, createPredict } from "./predict.ts";
import type { createRelated } from "./related.ts";
import type { Shadows } from "./shadows.ts";
import type { Serving } from "./serving.ts";

/** The largest body has 1,000 excluded ids of 256 characters, bytes. */
const MAX_BODY_BYTES = 2 * 2 ** 20;

export interface Edge {
  authenticator: Authenticator;
  charge: Charge;
  cache: Pick<Serving["cache"], "list">;
  shadows: Pick<Shadows, "comparisons">;
  verbs: {
    predict: ReturnType<typeof createPredict>;
    batch: ReturnType<typeof createPredictBatch>;
    project: ReturnType<typeof createPredictProject>;
    related: ReturnType<typeof createRelated>;
  };
}

/** HTTP edge: key, parse, charge, verb, status. What is refused before the charge costs nothing. */
export function bindRoutes(app: KitHono, edge: Edge): void {
  const { authenticator, charge, cache, shadows, verbs } = edge;
  const caller = (c: KitContext) => requireCaller(c, authenticator);
  for (const prefix of [PREFIX, ""]) {
    app.post(`${prefix}/predict/project/:project_id`, async (c) => {
      const key = await caller(c);
      const projectId = wholeNumber(c, "project_id");
      const body = await parseBody(c, predictBody, MAX_BODY_BYTES);
      await charge(c, key.id, 1);
      return send(c, await verbs.project(key, projectId, body));
    });
    app.post(`${prefix}/predict/:model_id/batch`, async (c) => {
      const key = await caller(c);
      const modelId = wholeNumber(c, "model_id");
      const body = await parseBody(c, predictBatchBody, MAX_BODY_BYTES);
      await charge(c, key.id, Math.max(1, body.user_ids.length));
      return send(c, await verbs.batch(key, modelId, body));
    });
    app.post(`${prefix}/predict/:model_id/related`, async (c) => {
      const key = await caller(c);
      const modelId = wholeNumber(c, "model_id");
      const body = await parseBody(c, relatedBody, MAX_BODY_BYTES);
      await charge(c, key.id, 1);
      return send(c, await verbs.related(key, modelId, body));
    });
    app.post(`${prefix}/predict/:model_id`, async (c) => {
      const key = await caller(c);
      const modelId = wholeNumber(c, "model_id");
      const body = await parseBody(c, predictBody, MAX_BODY_BYTES);
      await charge(c, key.id, 1);
      return send(c, await verbs.predict(key, modelId, body));
    });
    app.get(`${prefix}/shadow/project/:project_id`, async (c) => {
      const key = await caller(c);
      const projectId = wholeNumber(c, "project_id");
      requireProject(key, projectId, "project");
      return c.json(shadows.comparisons(projectId));
    });
    app.get(`${prefix}/health`, (c) =>
      c.json({ status: "healthy", loaded_models: cache.list().length }),
    );
    app.get(`${prefix}/models`, (c) => {
      const models = cache.list().map(({ model_id }) => model_id);
      return c.json({ models, count: models.length });
    });
  }
}

function send<T extends object>(c: KitContext, { body, version }: Answer<T>): Response {
  setHeader(c, headers.modelVersion, String(version));
  return c.json(body);
}

/** @throws ServiceError VALIDATION_FAILED for what is no whole number. */
function wholeNumber(c: KitContext, name: string): number {
  const text = pathParam(c, name);
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw new ServiceError("VALIDATION_FAILED", "the request is not valid", {
    issues: [{ path: name, message: "Invalid input: expected a whole number" }],
  });
}
