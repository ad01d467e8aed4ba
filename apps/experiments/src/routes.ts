import {
  calculateBody,
  experimentBody,
  experimentChanges,
  promoteVariationBody,
  sampleSizeBody,
} from "@signalpath/contracts";
import { assignVariation } from "@signalpath/domain";
import { parseBody, parseQuery, requireKey, type KitHono } from "@signalpath/service-kit";

import { abTestRoutes } from "./ab-test-routes.ts";
import { calculated, sized } from "./calculator.ts";
import { bothForms, callOf, experimentId, ownExperiment, scoped, type Edge } from "./edge.ts";
import { endpoints } from "./endpoints.ts";
import { eventRoutes } from "./event-routes.ts";
import { createExperimentVerbs, shownExperiment } from "./experiments.ts";
import { createPromoteVerbs } from "./promote.ts";
import { pageOfRows, spanOf } from "./page.ts";
import { resultsOf } from "./results.ts";

/** HTTP edge: key, parse, verb, status. */
export function bindRoutes(app: KitHono, edge: Edge): void {
  calculatorRoutes(app, edge);
  experimentRoutes(app, edge);
  promotionRoutes(app, edge);
  readingRoutes(app, edge);
  eventRoutes(app, edge);
  abTestRoutes(app, edge);
}

function calculatorRoutes(app: KitHono, { authenticator }: Edge): void {
  app.on("POST", bothForms(endpoints.calculate), async (c) => {
    await requireKey(c, authenticator, "read");
    return c.json(calculated(await parseBody(c, calculateBody)));
  });
  app.on("POST", bothForms(endpoints.sampleSize), async (c) => {
    await requireKey(c, authenticator, "read");
    return c.json(sized(await parseBody(c, sampleSizeBody)));
  });
}

function experimentRoutes(app: KitHono, edge: Edge): void {
  const { ctx } = edge;
  const verbs = createExperimentVerbs(ctx);
  app.on("POST", bothForms(endpoints.createExperiment), async (c) => {
    const projectId = await scoped(c, edge, "write");
    const body = await parseBody(c, experimentBody);
    return c.json(await verbs.create(projectId, body, c.get("trace").headers), 201);
  });
  app.on("GET", bothForms(endpoints.listExperiments), async (c) => {
    const projectId = await scoped(c, edge, "read");
    const { status, ...request } = parseQuery(c, endpoints.listExperiments.query);
    const only = status === undefined ? {} : { status };
    const found = await ctx.experiments.list({
      project_id: projectId,
      ...only,
      ...spanOf(request),
    });
    const filters = { project: c.req.query("project"), status };
    const { path } = endpoints.listExperiments;
    return c.json(pageOfRows(path, request, filters, found, shownExperiment));
  });
  app.on("GET", bothForms(endpoints.getExperiment), async (c) => {
    const projectId = await scoped(c, edge, "read");
    return c.json(shownExperiment(await ownExperiment(c, ctx, projectId)));
  });
  app.on("PATCH", bothForms(endpoints.changeExperiment), async (c) => {
    const projectId = await scoped(c, edge, "write");
    const changes = await parseBody(c, experimentChanges);
    const { headers } = c.get("trace");
    return c.json(await verbs.change(projectId, experimentId(c), changes, headers));
  });
  app.on("DELETE", bothForms(endpoints.archiveExperiment), async (c) => {
    const projectId = await scoped(c, edge, "write");
    const { headers } = c.get("trace");
    const archived = { status: "archived" as const };
    return c.json(await verbs.change(projectId, experimentId(c), archived, headers));
  });
}

function promotionRoutes(app: KitHono, edge: Edge): void {
  const verbs = createPromoteVerbs(edge.ctx);
  app.on("POST", bothForms(endpoints.promoteVariation), async (c) => {
    const projectId = await scoped(c, edge, "write");
    const body = await parseBody(c, promoteVariationBody);
    const call = callOf(c, projectId, body);
    return c.json(await verbs.promote(call, experimentId(c), body.variation_index));
  });
  app.on("GET", bothForms(endpoints.promotionState), async (c) => {
    const projectId = await scoped(c, edge, "read");
    return c.json(await verbs.state(projectId, experimentId(c)));
  });
  app.on("DELETE", bothForms(endpoints.undoPromotion), async (c) => {
    const projectId = await scoped(c, edge, "write");
    return c.json(await verbs.undo(projectId, experimentId(c), c.get("trace").headers));
  });
}

function readingRoutes(app: KitHono, edge: Edge): void {
  const { ctx } = edge;
  app.on("GET", bothForms(endpoints.assignment), async (c) => {
    const projectId = await scoped(c, edge, "read", "predict");
    const { user_id } = parseQuery(c, endpoints.assignment.query);
    const { variations, ...rule } = await ownExperiment(c, ctx, projectId);
    const weights = variations.map(({ weight }) => weight);
    return c.json(assignVariation({ ...rule, weights }, user_id));
  });
  app.on("GET", bothForms(endpoints.ingestion), async (c) => {
    const projectId = await scoped(c, edge, "read");
    const { id } = await ownExperiment(c, ctx, projectId);
    return c.json(await ctx.events.ingestion(id));
  });
  app.on("GET", bothForms(endpoints.results), async (c) => {
    const projectId = await scoped(c, edge, "read");
    const query = parseQuery(c, endpoints.results.query);
    return c.json(await resultsOf(ctx, await ownExperiment(c, ctx, projectId), query));
  });
}
