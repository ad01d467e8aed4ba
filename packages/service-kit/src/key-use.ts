import { subjects } from "@signalpath/contracts";
import type { Bus, Keys } from "@signalpath/ports";

import { publishTraced } from "./message-traces.ts";
import { createTracing } from "./tracing.ts";

/**
 * Keys of an app whose database may only be read: that a key was used is told on the bus, and
 * management-api stores it. Told at most once a minute a key and process (the authenticator's pace);
 * a message that is lost costs nothing but the age of `last_used_at`.
 */
export function announcingKeyUse(
  keys: Pick<Keys, "findByHash" | "findLegacy">,
  bus: Pick<Bus, "publish">,
): Pick<Keys, "findByHash" | "findLegacy" | "touch"> {
  const tracing = createTracing();
  return {
    findByHash: (hash) => keys.findByHash(hash),
    findLegacy: (prefix) => keys.findLegacy(prefix),
    touch: async (id, at) => {
      await publishTraced(bus, tracing, subjects.keyUsed, { key_id: id, used_at: at });
    },
  };
}
