import { abTestBody, abTestChanges, promoteWinnerBody } from "@signalpath/contracts";
import { parseBody, parseQuery, pathId, requireKey, type KitHono } from "@signalpath/service-kit";

import { abTestResultsOf } from "./ab-test-results.ts";
import { createAbTestVerbs, shownAbTest } from "./ab-tests.ts";
import { bothForms, callOf, mayTouchWith, type Edge } from "./edge.ts";
import { endpoints } from "./endpoints.ts";
import { ownProjectOf } from "./event-routes.ts";
import { pageOfRows, spanOf } from "./page.ts";

/** Tests of two deployment slots. */
export function abTestRoutes(app: KitHono, { ctx, authenticator }: Edge): void {
  const verbs = createAbTestVerbs(ctx);
  const reader = async (c: Parameters<typeof requireKey>[0]) =>
    mayTouchWith(await requireKey(c, authenticator, "read"));
  const writer = async (c: Parameters<typeof requireKey>[0]) =>
    mayTouchWith(await requireKey(c, authenticator, "write"));

  app.on("GET", bothForms(endpoints.listAbTests), async (c) => {
    const key = await requireKey(c, authenticator, "read");
    const query = parseQuery(c, endpoints.listAbTests.query);
    const { status, project, ...request } = query;
    const own = ownProjectOf(key, project);
    const found = await ctx.abTests.list({
      ...spanOf(request),
      ...(own === undefined ? {} : { project_id: own }),
      ...(status === undefined ? {} : { status }),
    });
    const { path } = endpoints.listAbTests;
    return c.json(pageOfRows(path, request, { project: own, status }, found, shownAbTest));
  });
  app.on("POST", bothForms(endpoints.createAbTest), async (c) => {
    const mayTouch = await writer(c);
    return c.json(await verbs.create(mayTouch, await parseBody(c, abTestBody)), 201);
  });
  app.on("GET", bothForms(endpoints.getAbTest), async (c) =>
    c.json(shownAbTest(await verbs.own(await reader(c), pathId(c, "id")))),
  );
  app.on("PATCH", bothForms(endpoints.changeAbTest), async (c) => {
    const mayTouch = await writer(c);
    const changes = await parseBody(c, abTestChanges);
    return c.json(await verbs.change(mayTouch, pathId(c, "id"), changes));
  });
  app.on("DELETE", bothForms(endpoints.cancelAbTest), async (c) =>
    c.json(await verbs.cancel(await writer(c), pathId(c, "id"))),
  );
  app.on("POST", bothForms(endpoints.startAbTest), async (c) =>
    c.json(await verbs.start(await writer(c), pathId(c, "id"))),
  );
  app.on("POST", bothForms(endpoints.stopAbTest), async (c) =>
    c.json(await verbs.stop(await writer(c), pathId(c, "id"))),
  );
  app.on("POST", bothForms(endpoints.promoteWinner), async (c) => {
    const key = await requireKey(c, authenticator, "write");
    const body = await parseBody(c, promoteWinnerBody);
    const call = callOf(c, key.projectId, body);
    return c.json(await verbs.promote(mayTouchWith(key), pathId(c, "id"), body.slot_id, call));
  });
  app.on("GET", bothForms(endpoints.abTestResults), async (c) => {
    const test = await verbs.own(await reader(c), pathId(c, "id"));
    return c.json(await abTestResultsOf(ctx, test));
  });
}
