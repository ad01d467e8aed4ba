import {
  rebuildRequest,
  rebuildResponse,
  ServiceError,
  type Endpoint,
} from "@signalpath/contracts";
import { parseBody, requireKey, type Authenticator, type KitHono } from "@signalpath/service-kit";

import type { Context } from "./context.ts";
import { rebuildAll, rebuildUsers } from "./rebuild.ts";

export const endpoints: readonly Endpoint[] = [
  {
    method: "post",
    path: "/api/rebuild",
    summary: "Derive buffers, user models and profile features from the archive again",
    tag: "operation",
    auth: "admin",
    body: rebuildRequest,
    response: rebuildResponse,
    errors: [400, 409, 422, 503],
  },
];

/** HTTP edge: one rebuild at a time, since each reads a part of the archive. */
export function addRoutes(http: KitHono, ctx: Context, authenticator: Authenticator): void {
  let isRebuilding = false;
  http.post("/api/rebuild", async (c) => {
    const key = await requireKey(c, authenticator, "admin");
    const body = await parseBody(c, rebuildRequest);
    if (isRebuilding) throw new ServiceError("CONFLICT", "a rebuild is under way");
    isRebuilding = true;
    try {
      const { features } = body;
      const own = { ...ctx, traceHeaders: c.get("trace").headers };
      const result =
        body.user_ids === undefined
          ? await rebuildAll(own, body.project_id, { features })
          : await rebuildUsers(own, body.project_id ?? key.projectId, body.user_ids, { features });
      c.get("logFields")["rebuilt"] = result.rebuilt;
      return c.json(result);
    } finally {
      isRebuilding = false;
    }
  });
}
