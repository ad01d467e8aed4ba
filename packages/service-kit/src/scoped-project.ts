import { queryInt, ServiceError, type Scope } from "@signalpath/contracts";
import type { KeyRecord, Projects } from "@signalpath/ports";
import { z } from "zod";

import { hasScope, requireKey, type Authenticator } from "./auth.ts";
import type { KitContext } from "./http-app.ts";
import { parseQuery } from "./parse.ts";

const query = z.object({ project: queryInt(1, Number.MAX_SAFE_INTEGER, 0).optional() });

/**
 * The project a request with this key works on: the key's, or with an admin key the one that
 * `?project=` names.
 * @throws ServiceError FOREIGN_PROJECT for another project without admin; PROJECT_NOT_FOUND;
 * ZodError for what is no id; UnavailableError.
 */
export async function projectOf(
  c: KitContext,
  key: KeyRecord,
  projects: Pick<Projects, "get">,
): Promise<number> {
  const wanted = c.req.query("project") === undefined ? undefined : parseQuery(c, query).project;
  if (wanted === undefined || wanted === key.projectId) return key.projectId;
  if (!hasScope(key, "admin")) {
    throw new ServiceError("FOREIGN_PROJECT", "API key not authorized for this project");
  }
  if ((await projects.get(wanted)) === undefined) {
    throw new ServiceError("PROJECT_NOT_FOUND", "no such project");
  }
  return wanted;
}

/**
 * Checks a request's key for a scope and answers the project to work on.
 * @throws ServiceError what `requireKey` and `projectOf` throw.
 */
export function createScopedProject(authenticator: Authenticator, projects: Pick<Projects, "get">) {
  return async (c: KitContext, scope: Scope): Promise<number> =>
    projectOf(c, await requireKey(c, authenticator, scope), projects);
}

export type ScopedProject = ReturnType<typeof createScopedProject>;
