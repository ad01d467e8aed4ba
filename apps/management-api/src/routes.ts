import { createKeyBody, MAX_ID_LENGTH, projectBody, headers } from "@signalpath/contracts";
import {
  parseBody,
  parseQuery,
  pathId,
  pathParam,
  requireKey,
  validate,
  type Authenticator,
  type KitContext,
  type KitHono,
  type ScopedProject,
} from "@signalpath/service-kit";
import { z } from "zod";

import type { createCreateKey } from "./create-key.ts";
import type { createDeleteContent } from "./delete-content.ts";
import { endpoints } from "./endpoints.ts";
import type { createEraseUser } from "./erase-user.ts";
import type { createKeyVerbs } from "./keys.ts";
import type { createProjectVerbs } from "./projects.ts";
import { bothForms, pattern } from "./paths.ts";
import type { createPutContent } from "./put-content.ts";
import { readItems } from "./read-items.ts";
import type { createWhoAmI } from "./who-am-i.ts";

export interface Verbs {
  putContent: ReturnType<typeof createPutContent>;
  deleteContent: ReturnType<typeof createDeleteContent>;
  eraseUser: ReturnType<typeof createEraseUser>;
  projects: ReturnType<typeof createProjectVerbs>;
  createKey: ReturnType<typeof createCreateKey>;
  keys: ReturnType<typeof createKeyVerbs>;
  whoAmI: ReturnType<typeof createWhoAmI>;
}

export interface Edge {
  authenticator: Authenticator;
  scopedProject: ScopedProject;
  verbs: Verbs;
}

const itemId = z.object({ item_id: z.string().trim().min(1).max(MAX_ID_LENGTH) });
const userId = z.object({ user_id: z.string().trim().min(1).max(MAX_ID_LENGTH) });

const ANY_SCOPE = ["read", "write", "predict", "recommend", "ingest"] as const;

/** HTTP edge: key, parse, verb, status. */
export function bindRoutes(app: KitHono, edge: Edge): void {
  contentAndUsers(app, edge);
  projectRoutes(app, edge);
  keyRoutes(app, edge);
}

function contentAndUsers(app: KitHono, { scopedProject, verbs }: Edge): void {
  app.put(endpoints.putContent.path, async (c) => {
    const projectId = await scopedProject(c, "write");
    const { body, announced } = await verbs.putContent(
      projectId,
      await readItems(c),
      c.get("trace").headers,
    );
    c.header(headers.announced, String(announced));
    return c.json(body);
  });
  app.delete(pattern(endpoints.deleteContent), async (c) => {
    const projectId = await scopedProject(c, "write");
    const { item_id } = validate(itemId, { item_id: pathParam(c, "item_id") });
    const { body, announced } = await verbs.deleteContent(
      projectId,
      item_id,
      c.get("trace").headers,
    );
    c.header(headers.announced, String(announced));
    return c.json(body);
  });
  app.delete(pattern(endpoints.eraseUser), async (c) => {
    const projectId = await scopedProject(c, "admin");
    const { user_id } = validate(userId, { user_id: pathParam(c, "user_id") });
    return c.json(await verbs.eraseUser(projectId, user_id, c.get("trace").headers));
  });
}

function projectRoutes(app: KitHono, { authenticator, verbs }: Edge): void {
  const admin = (c: KitContext) => requireKey(c, authenticator, "admin");
  app.on("GET", bothForms(endpoints.listProjects), async (c) => {
    await admin(c);
    const { path } = endpoints.listProjects;
    return c.json(await verbs.projects.list(path, parseQuery(c, endpoints.listProjects.query)));
  });
  app.on("POST", bothForms(endpoints.createProject), async (c) => {
    await admin(c);
    const { name } = await parseBody(c, projectBody);
    return c.json(await verbs.projects.create(name), 201);
  });
  app.on("GET", bothForms(endpoints.getProject), async (c) => {
    await admin(c);
    return c.json(await verbs.projects.get(pathId(c, "id")));
  });
}

function keyRoutes(app: KitHono, { authenticator, verbs }: Edge): void {
  const admin = (c: KitContext) => requireKey(c, authenticator, "admin");
  app.on("GET", bothForms(endpoints.whoAmI), async (c) => {
    const record = await requireKey(c, authenticator, ...ANY_SCOPE);
    return c.json(await verbs.whoAmI(record));
  });
  app.on("GET", bothForms(endpoints.listKeys), async (c) => {
    await admin(c);
    const { path } = endpoints.listKeys;
    return c.json(await verbs.keys.list(path, parseQuery(c, endpoints.listKeys.query)));
  });
  app.on("POST", bothForms(endpoints.createKey), async (c) => {
    await admin(c);
    return c.json(await verbs.createKey(await parseBody(c, createKeyBody)), 201);
  });
  app.on("GET", bothForms(endpoints.getKey), async (c) => {
    await admin(c);
    return c.json(await verbs.keys.get(pathId(c, "id")));
  });
  app.on("POST", bothForms(endpoints.revokeKey), async (c) => {
    await admin(c);
    return c.json(await verbs.keys.revoke(pathId(c, "id"), c.get("trace").headers));
  });
  app.on("POST", bothForms(endpoints.rotateKey), async (c) => {
    await admin(c);
    return c.json(await verbs.keys.rotate(pathId(c, "id")), 201);
  });
}
