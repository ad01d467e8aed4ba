import { previewRequest, type Scope } from "@signalpath/contracts";
import type { Projects } from "@signalpath/ports";
import {
  parseBody,
  parseQuery,
  pathParam,
  projectOf,
  requireKey,
  type Authenticator,
  type KitContext,
  type KitHono,
} from "@signalpath/service-kit";

import type { Charge } from "./charge.ts";
import { endpoints } from "./endpoints.ts";
import type { createContentFacets } from "./content-facets.ts";
import type { createExplain } from "./explain.ts";
import type { createFeatureStats } from "./feature-stats.ts";
import type { createGetContent } from "./get-content.ts";
import type { createGetFeatures } from "./get-features.ts";
import type { createHistory } from "./history.ts";
import type { createItemActivity } from "./item-activity.ts";
import type { createListContent } from "./list-content.ts";
import type { createPreview } from "./preview.ts";
import type { createRecommend } from "./recommend.ts";
import type { createReplay } from "./replay.ts";
import type { createShowRegistry } from "./show-registry.ts";
import type { createGetUserModel } from "./user-model.ts";

export interface Verbs {
  recommend: ReturnType<typeof createRecommend>;
  replay: ReturnType<typeof createReplay>;
  preview: ReturnType<typeof createPreview>;
  getUserModel: ReturnType<typeof createGetUserModel>;
  explain: ReturnType<typeof createExplain>;
  history: ReturnType<typeof createHistory>;
  getFeatures: ReturnType<typeof createGetFeatures>;
  featureRegistry: ReturnType<typeof createShowRegistry>;
  featureStats: ReturnType<typeof createFeatureStats>;
  contentFacets: ReturnType<typeof createContentFacets>;
  getContent: ReturnType<typeof createGetContent>;
  itemActivity: ReturnType<typeof createItemActivity>;
  listContent: ReturnType<typeof createListContent>;
}

const SCOPE: Scope = "read";
const JSON_TYPE = { "content-type": "application/json" };

export interface Edge {
  authenticator: Authenticator;
  projects: Pick<Projects, "get">;
  charge: Charge;
  verbs: Verbs;
}

/** HTTP edge: key, parse, verb, status. */
export function bindRoutes(app: KitHono, edge: Edge): void {
  const { authenticator, projects, charge, verbs } = edge;
  const key = async (c: KitContext, ...others: Scope[]) => {
    const record = await requireKey(c, authenticator, SCOPE, ...others);
    return { id: record.id, projectId: await projectOf(c, record, projects) };
  };

  app.get(endpoints.recommend.path, async (c) => {
    const { id, projectId } = await key(c, "recommend");
    await charge(c, id);
    const query = parseQuery(c, endpoints.recommend.query);
    const { as_of } = query;
    if (as_of !== undefined) {
      // A key for web pages asks for lists; what was is for those who may read.
      await requireKey(c, authenticator, SCOPE);
      return c.json(await verbs.replay(projectId, { ...query, as_of }));
    }
    const list = await verbs.recommend(projectId, query, c.get("trace").headers);
    return c.body(list, 200, JSON_TYPE);
  });
  app.post(endpoints.preview.path, async (c) => {
    const { id, projectId } = await key(c);
    await charge(c, id);
    return c.json(await verbs.preview(projectId, await parseBody(c, previewRequest)));
  });
  app.get(endpoints.userModel.path, async (c) => {
    const { projectId } = await key(c);
    const query = parseQuery(c, endpoints.userModel.query);
    return c.json(await verbs.getUserModel(projectId, query.user_id, query.as_of));
  });
  app.get(endpoints.explain.path, async (c) => {
    const { projectId } = await key(c);
    const query = parseQuery(c, endpoints.explain.query);
    return c.json(await verbs.explain(projectId, query.user_id));
  });
  app.get(endpoints.history.path, async (c) => {
    const { projectId } = await key(c);
    return c.json(await verbs.history(projectId, parseQuery(c, endpoints.history.query)));
  });
  app.get(endpoints.features.path, async (c) => {
    const { projectId } = await key(c);
    const query = parseQuery(c, endpoints.features.query);
    return c.json(await verbs.getFeatures(projectId, query.user_id, c.get("trace").headers));
  });
  app.get(endpoints.featureRegistry.path, async (c) => {
    await key(c);
    return c.json(verbs.featureRegistry());
  });
  app.get(endpoints.featureStats.path, async (c) => {
    const { projectId } = await key(c);
    const query = parseQuery(c, endpoints.featureStats.query);
    return c.json(await verbs.featureStats(projectId, query));
  });
  app.get(endpoints.facets.path, async (c) => {
    const { projectId } = await key(c);
    return c.json(await verbs.contentFacets(projectId));
  });
  app.get("/api/content/:item_id", async (c) => {
    const { projectId } = await key(c);
    return c.json(await verbs.getContent(projectId, pathParam(c, "item_id").trim()));
  });
  app.get("/api/content/:item_id/activity", async (c) => {
    const { projectId } = await key(c);
    return c.json(await verbs.itemActivity(projectId, pathParam(c, "item_id").trim()));
  });
  app.get(endpoints.contentList.path, async (c) => {
    const { projectId } = await key(c);
    return c.json(await verbs.listContent(projectId, parseQuery(c, endpoints.contentList.query)));
  });
}
