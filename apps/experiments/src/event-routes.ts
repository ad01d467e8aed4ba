import {
  conversionEventBatchBody,
  conversionEventBody,
  conversionsBody,
  exposuresBody,
  ServiceError,
} from "@signalpath/contracts";
import type { KeyRecord } from "@signalpath/ports";
import { hasScope, parseBody, parseQuery, requireKey, type KitHono } from "@signalpath/service-kit";

import { bothForms, callOf, keyWithAny, openExperiment, scoped, type Edge } from "./edge.ts";
import { withReuseNamed } from "./once.ts";
import { endpoints } from "./endpoints.ts";
import { pageOfRows, spanOf } from "./page.ts";
import { recordConversions } from "./record-conversions.ts";
import { recordExposures } from "./record-exposures.ts";
import { recordSlotEvent, recordSlotEvents, shownSlotEvent } from "./record-slot-events.ts";

/** What happened: exposures, conversions, events of deployment slots. */
export function eventRoutes(app: KitHono, edge: Edge): void {
  const { ctx } = edge;
  app.on("POST", bothForms(endpoints.exposures), async (c) => {
    const projectId = await scoped(c, edge, "write", "predict");
    const { id } = await openExperiment(c, ctx, projectId);
    const { exposures } = await parseBody(c, exposuresBody);
    const call = callOf(c, projectId, exposures);
    return c.json(await withReuseNamed(() => recordExposures(ctx, call, id, exposures)));
  });
  app.on("POST", bothForms(endpoints.conversions), async (c) => {
    const projectId = await scoped(c, edge, "write", "predict");
    const { id } = await openExperiment(c, ctx, projectId);
    const { conversions } = await parseBody(c, conversionsBody);
    const call = callOf(c, projectId, conversions);
    return c.json(await withReuseNamed(() => recordConversions(ctx, call, id, conversions)));
  });
  slotEventRoutes(app, edge);
}

/** Project of a key; 0 for an admin's, which may write to every project. */
const projectOfKey = (key: KeyRecord): number => (hasScope(key, "admin") ? 0 : key.projectId);

function slotEventRoutes(app: KitHono, { ctx, authenticator }: Edge): void {
  app.on("POST", bothForms(endpoints.conversionEvent), async (c) => {
    const key = await keyWithAny(c, authenticator, ["predict", "write"]);
    const body = await parseBody(c, conversionEventBody);
    const call = callOf(c, projectOfKey(key), body);
    return c.json(await withReuseNamed(() => recordSlotEvent(ctx, call, body)), 201);
  });
  app.on("POST", bothForms(endpoints.conversionEventBatch), async (c) => {
    const key = await keyWithAny(c, authenticator, ["predict", "write"]);
    const { events } = await parseBody(c, conversionEventBatchBody);
    const call = callOf(c, projectOfKey(key), events);
    return c.json(await withReuseNamed(() => recordSlotEvents(ctx, call, events)), 201);
  });
  app.on("GET", bothForms(endpoints.listConversionEvents), async (c) => {
    const key = await requireKey(c, authenticator, "read");
    const query = parseQuery(c, endpoints.listConversionEvents.query);
    const { deployment_slot: slot, event_type, project, ...request } = query;
    const own = ownProjectOf(key, project);
    const found = await ctx.events.slotEvents({
      ...spanOf(request),
      ...(own === undefined ? {} : { project_id: own }),
      ...(slot === 0 ? {} : { slot_id: slot }),
      ...(event_type === undefined ? {} : { event_type }),
    });
    const filters = { project: own, deployment_slot: slot || undefined, event_type };
    const { path } = endpoints.listConversionEvents;
    return c.json(pageOfRows(path, request, filters, found, shownSlotEvent));
  });
}

/** What a list is limited to; undefined = all projects, with an admin key. */
export function ownProjectOf(key: KeyRecord, asked: number): number | undefined {
  if (hasScope(key, "admin")) return asked === 0 ? undefined : asked;
  if (asked !== 0 && asked !== key.projectId) {
    throw new ServiceError("FOREIGN_PROJECT", "API key not authorized for this project");
  }
  return key.projectId;
}
