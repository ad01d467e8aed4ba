import { subjects } from "@signalpath/contracts";
import type { Bus } from "@signalpath/ports";
import { publishTraced, type HeaderValues, type Tracing } from "@signalpath/service-kit";

import type { Meters } from "./meters.ts";

/** Announcements on their way at one time; a slow bus must not pile them up. */
const MAX_IN_FLIGHT = 256;

export interface UserModelUpdate {
  project_id: number;
  user_id: string;
  revision: number;
}

/** Tells the bus of saved models. Nobody waits for it: who hears nothing re-reads after a while. */
export interface Announcer {
  modelUpdated(update: UserModelUpdate, traceHeaders: HeaderValues): void;
  /** Waits for those on their way. */
  drain(): Promise<void>;
}

export function createAnnouncer(
  bus: Pick<Bus, "publish">,
  meters: Pick<Meters, "announced">,
  tracing: Tracing,
) {
  const inFlight = new Set<Promise<void>>();
  const announcer: Announcer = {
    modelUpdated(update, traceHeaders) {
      if (inFlight.size >= MAX_IN_FLIGHT) {
        meters.announced.inc({ result: "dropped" });
        return;
      }
      const sending = publishTraced(bus, tracing, subjects.userModelUpdated, update, {
        traceHeaders,
      })
        .then(
          () => meters.announced.inc({ result: "sent" }),
          () => meters.announced.inc({ result: "failed" }),
        )
        .finally(() => inFlight.delete(sending));
      inFlight.add(sending);
    },
    drain: async () => void (await Promise.all(inFlight)),
  };
  return announcer;
}
