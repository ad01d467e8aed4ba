import type { ConsumerLagFact, ServiceTold, SystemAnswer } from "@signalpath/contracts";
import type { Clock } from "@signalpath/ports";

/** Who was not heard for so long is silent, milliseconds: three times the usual pause. */
const SILENT_MS = 15_000;
/** And this much later nobody waits for it any more, milliseconds. */
const FORGOTTEN_MS = 10 * 60_000;
/** Processes remembered at one time. */
const MAX_INSTANCES = 1_000;

/** Which processes there are, as far as they say so themselves. */
export interface Directory {
  heard(told: ServiceTold): void;
  lagHeard(lag: readonly ConsumerLagFact[]): void;
  services(): SystemAnswer["services"];
  lag(): readonly ConsumerLagFact[];
  /** `service: dependency` of what is down, and services of which no process is heard. */
  degraded(): string[];
}

export function createDirectory(now: Clock): Directory {
  const known = new Map<string, { told: ServiceTold; at: number }>();
  let lag: readonly ConsumerLagFact[] = [];

  function forgetOld(): void {
    for (const [instance, { at }] of known) {
      if (now() - at > FORGOTTEN_MS) known.delete(instance);
    }
  }

  function services(): SystemAnswer["services"] {
    forgetOld();
    const byName = new Map<string, { told: ServiceTold; at: number }[]>();
    for (const one of known.values()) {
      byName.set(one.told.service, [...(byName.get(one.told.service) ?? []), one]);
    }
    return [...byName]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([service, all]) => {
        const live = all.filter(({ at }) => now() - at <= SILENT_MS);
        const dependencies = worstOf(live.map(({ told }) => told.dependencies));
        const isDown = Object.values(dependencies).some((text) => text !== "up");
        const status = live.length === 0 ? "silent" : isDown ? "degraded" : "up";
        const shown = live.length === 0 ? all : live;
        return { service, status, dependencies, instances: shown.map(instanceOf) } as const;
      });
  }

  return {
    heard(told) {
      // Who says goodbye is not missed.
      if (told.state === "draining") return void known.delete(told.instance);
      if (!known.has(told.instance) && known.size >= MAX_INSTANCES) forgetOld();
      if (!known.has(told.instance) && known.size >= MAX_INSTANCES) return;
      known.set(told.instance, { told, at: now() });
    },
    lagHeard: (all) => void (lag = all.length > 0 ? all : lag),
    services,
    lag: () => lag,
    degraded: () =>
      services().flatMap(({ service, status, dependencies }) => {
        if (status === "silent") return [`${service}: silent`];
        const down = Object.entries(dependencies).filter(([, text]) => text !== "up");
        return down.map(([name]) => `${service}: ${name}`);
      }),
  };
}

function instanceOf({ told, at }: { told: ServiceTold; at: number }) {
  const { instance, version, state, started_at } = told;
  return { instance, version, state, started_at, heard_at: new Date(at).toISOString() };
}

/** What any of several processes misses counts as missing. */
function worstOf(all: readonly Record<string, string>[]): Record<string, string> {
  const worst: Record<string, string> = {};
  for (const [name, text] of all.flatMap((one) => Object.entries(one))) {
    if (worst[name] === undefined || worst[name] === "up") worst[name] = text;
  }
  return worst;
}
