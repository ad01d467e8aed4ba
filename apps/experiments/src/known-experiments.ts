import type { Experiment, Experiments } from "@signalpath/ports";
import { LRUCache } from "lru-cache";

/** Another process's change is seen after this time, milliseconds. */
const LIFE_MS = 2_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Experiments that events name, read at most once in a while. */
export interface KnownExperiments {
  /** One of this project that is not archived. */
  open(projectId: number, id: string): Promise<Experiment | undefined>;
  /** It was changed here. */
  forget(id: string): void;
}

export function createKnownExperiments(experiments: Pick<Experiments, "get">): KnownExperiments {
  const kept = new LRUCache<string, { experiment: Experiment | undefined }>({
    max: 1_000,
    ttl: LIFE_MS,
  });
  return {
    async open(projectId, given) {
      if (!UUID.test(given)) return undefined;
      const id = given.toLowerCase();
      let entry = kept.get(id);
      if (entry === undefined) {
        entry = { experiment: await experiments.get(id) };
        kept.set(id, entry);
      }
      const { experiment } = entry;
      const isOpen = experiment?.project_id === projectId && experiment.status !== "archived";
      return isOpen ? experiment : undefined;
    },
    forget: (id) => void kept.delete(id.toLowerCase()),
  };
}

/** The canonical text of an experiment's id, or undefined for what is none. */
export function experimentIdOf(text: string): string | undefined {
  return UUID.test(text) ? text.toLowerCase() : undefined;
}
