import { subjects } from "@signalpath/contracts";
import type { Bus } from "@signalpath/ports";

import type { Meters } from "./meters.ts";

/** Announcements on their way at one time; a slow bus must not pile them up. */
const MAX_IN_FLIGHT = 256;

/** Tells the bus of saved models. Nobody waits for it: who hears nothing re-reads after a while. */
export interface Announcer {
  modelUpdated(projectId: number, userId: string, revision: number): void;
  /** Waits for those on their way. */
  drain(): Promise<void>;
}

export function createAnnouncer(bus: Pick<Bus, "publish">, meters: Pick<Meters, "announced">) {
  const inFlight = new Set<Promise<void>>();
  const announcer: Announcer = {
    modelUpdated(projectId, userId, revision) {
      if (inFlight.size >= MAX_IN_FLIGHT) {
        meters.announced.inc({ result: "dropped" });
        return;
      }
      const payload = { project_id: projectId, user_id: userId, revision };
      const sending = bus
        .publish(subjects.userModelUpdated, payload)
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
