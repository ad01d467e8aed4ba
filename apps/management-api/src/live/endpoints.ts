import { liveEvent, systemAnswer, type Endpoint } from "@signalpath/contracts";

/** Calls that show the system while it runs. */
export const liveEndpoints = {
  live: {
    method: "get",
    path: "/api/live",
    summary:
      "Verdicts as they arrive and a summary each second, as server-sent events; " +
      "goes on behind `Last-Event-ID`",
    tag: "live",
    auth: "read",
    anyProject: true,
    response: liveEvent,
    responseType: "text/event-stream",
    errors: [503],
  },
  system: {
    method: "get",
    path: "/api/v1/system/",
    summary: "Services with versions and dependencies, lag of consumers, open live streams",
    tag: "live",
    auth: "read",
    response: systemAnswer,
    errors: [503],
  },
} as const satisfies Record<string, Endpoint>;
