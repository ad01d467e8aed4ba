import { FRESHNESS_BOUNDS_MS, topics, type ConsumerLagFact } from "@signalpath/contracts";
import type { Bus } from "@signalpath/ports";

/** Saved models leave together, this often, milliseconds. */
const FLUSH_MS = 1_000;
/** Projects in one message; those beyond it are told with the next. */
const MAX_PROJECTS = 1_000;

/** Tells whoever listens how fresh models are and how far consumers are behind. Never waits. */
export interface UpdateTeller {
  /** An event is in a saved model, so long after ingest received it, milliseconds. */
  saved(projectId: number, delayMs: number): void;
  /** The last known lag of every consumer. */
  lag(all: readonly ConsumerLagFact[]): void;
  start(instance: string): void;
  close(): void;
}

export function createUpdateTeller(bus: Pick<Bus, "tell">): UpdateTeller {
  let histograms = new Map<number, number[]>();
  let lag: readonly ConsumerLagFact[] = [];
  let sequence = 0;
  let instance: string | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;

  function flush(): void {
    if (instance === undefined) return;
    const freshness = [...histograms].map(([project_id, counts]) => ({ project_id, counts }));
    const next = sequence + 1;
    if (!bus.tell(topics.updates, { instance, sequence: next, freshness, lag: [...lag] })) return;
    sequence = next;
    histograms = new Map();
  }

  return {
    saved(projectId, delayMs) {
      let counts = histograms.get(projectId);
      if (counts === undefined) {
        if (histograms.size >= MAX_PROJECTS) return;
        counts = Array.from({ length: FRESHNESS_BOUNDS_MS.length + 1 }, () => 0);
        histograms.set(projectId, counts);
      }
      const at = FRESHNESS_BOUNDS_MS.findIndex((bound) => delayMs <= bound);
      const bucket = at < 0 ? FRESHNESS_BOUNDS_MS.length : at;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    },
    lag: (all) => void (lag = all),
    start(as) {
      instance = as;
      timer = setInterval(flush, FLUSH_MS);
      timer.unref();
    },
    close() {
      clearInterval(timer);
      flush();
      instance = undefined;
    },
  };
}
