import type { SystemAnswer } from "@signalpath/contracts";
import type { Bus } from "@signalpath/ports";
import type { Kit } from "@signalpath/service-kit";

import { createClients, LIVE_LIMITS, type Clients, type LiveLimits } from "./clients.ts";
import { createHub } from "./hub.ts";

/** What this app shows of the running system. */
export interface Live {
  clients: Clients;
  system(): SystemAnswer;
  start(): Promise<void>;
  /** Ends all streams; further ones are refused. */
  quiesce(): void;
  close(): Promise<void>;
}

export function openLive(deps: {
  bus: Pick<Bus, "hear">;
  kit: Kit;
  version: string;
  limits?: Partial<LiveLimits> | undefined;
}): Live {
  const { kit, version } = deps;
  const limits = { ...LIVE_LIMITS, ...deps.limits };
  const hub = createHub(deps);
  const open = kit.metrics.gauge("live_clients", "Open streams of /api/live");
  const onCount = (count: number) => open.set(count);
  const clients = createClients({ hub, now: kit.now, limits, onCount });
  return {
    clients,
    system() {
      return {
        at: new Date(kit.now()).toISOString(),
        version,
        services: hub.directory.services(),
        lag: [...hub.directory.lag()],
        live: { clients: clients.count(), limit: limits.maxClients },
      };
    },
    async start() {
      await hub.start();
      clients.start();
    },
    quiesce: () => clients.close(),
    async close() {
      clients.close();
      await hub.close();
    },
  };
}
