import { headers, ServiceError, type SystemAnswer } from "@signalpath/contracts";
import {
  requireKey,
  type Authenticator,
  type KitHono,
  type ScopedProject,
} from "@signalpath/service-kit";

import { bothForms } from "../paths.ts";
import type { Clients } from "./clients.ts";
import { liveEndpoints } from "./endpoints.ts";

const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // A proxy that collects answers would hold the events back.
  "x-accel-buffering": "no",
};

export interface LiveEdge {
  authenticator: Authenticator;
  scopedProject: ScopedProject;
  clients: Clients;
  system: () => SystemAnswer;
}

/** HTTP edge of the live stream and the system's facts. */
export function bindLiveRoutes(app: KitHono, edge: LiveEdge): void {
  const { authenticator, scopedProject, clients, system } = edge;
  app.get(liveEndpoints.live.path, async (c) => {
    const projectId = await scopedProject(c, "read");
    // Answered here too; nobody would ever read or leave a stream that was opened for it.
    if (c.req.method === "HEAD") return c.body(null, 200, STREAM_HEADERS);
    // Accepted a moment ago, so it is there.
    const presented = c.req.header(headers.apiKey) ?? "";
    const stream = clients.open({
      projectId,
      key: presented,
      lastEventId: c.req.header(headers.lastEventId),
      refusal: () => refusalOf(authenticator, presented),
    });
    return c.body(stream, 200, STREAM_HEADERS);
  });
  app.on("GET", bothForms(liveEndpoints.system), async (c) => {
    await requireKey(c, authenticator, "read");
    return c.json(system());
  });
}

/** Why a key that was accepted once is not any more; a key that cannot be checked now stays. */
async function refusalOf(
  authenticator: Authenticator,
  presented: string,
): Promise<string | undefined> {
  try {
    await authenticator.verify(presented);
    return undefined;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return error.status === 401 ? error.code : undefined;
  }
}
