import { queryInt, ServiceError, type Scope } from "@signalpath/contracts";
import type { KeyRecord, Projects } from "@signalpath/ports";
import {
  hasScope,
  parseQuery,
  requireKey,
  type Authenticator,
  type KitContext,
} from "@signalpath/service-kit";
import { z } from "zod";

const query = z.object({ project: queryInt(1, Number.MAX_SAFE_INTEGER, 0).optional() });

/** `?project=` of calls that work on one project, for the OpenAPI document. */
export const projectQuery = z.object({
  project: z.int().positive().optional().describe("Admin keys only; default: the key's project"),
});

/**
 * The project a request works on: the key's, or with an admin key the one `?project=` names.
 * @throws ServiceError what `requireKey` throws; FOREIGN_PROJECT for another project without admin;
 * PROJECT_NOT_FOUND.
 */
export function createScopedProject(authenticator: Authenticator, projects: Pick<Projects, "get">) {
  return async (c: KitContext, scope: Scope): Promise<number> => {
    const key: KeyRecord = await requireKey(c, authenticator, scope);
    const wanted = c.req.query("project") === undefined ? undefined : parseQuery(c, query).project;
    if (wanted === undefined || wanted === key.projectId) return key.projectId;
    if (!hasScope(key, "admin")) {
      throw new ServiceError("FOREIGN_PROJECT", "API key not authorized for this project");
    }
    if ((await projects.get(wanted)) === undefined) {
      throw new ServiceError("PROJECT_NOT_FOUND", "no such project");
    }
    return wanted;
  };
}

export type ScopedProject = ReturnType<typeof createScopedProject>;
