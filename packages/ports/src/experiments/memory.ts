import type { Clock } from "../clock/port.ts";
import { RefusedError } from "../errors.ts";
import { pageOf } from "../model-catalogue/memory-state.ts";
import type { Projects } from "../projects/port.ts";
import { timesAfter, type Experiment, type Experiments } from "./port.ts";

/** Keeps experiments in the process. */
export function createMemoryExperiments({
  projects,
  now,
}: {
  projects: Pick<Projects, "get">;
  now: Clock;
}): Experiments {
  const rows = new Map<string, Experiment>();
  const iso = () => new Date(now()).toISOString();
  return {
    create: async (given) => {
      if ((await projects.get(given.project_id)) === undefined) {
        throw new RefusedError("the project is unknown");
      }
      if (rows.has(given.id)) throw new RefusedError("the id is taken");
      const at = iso();
      const { status, ...definition } = structuredClone(given);
      const fresh = { status: "draft", started_at: null, stopped_at: null } as const;
      const times = timesAfter(fresh, status, at);
      const row = { ...definition, status, created_at: at, updated_at: at, ...times };
      rows.set(row.id, row);
      return structuredClone(row);
    },
    get: async (id) => structuredClone(rows.get(id)),
    list: async ({ status, ...request }) => {
      const newest = [...rows.values()].toReversed();
      return pageOf(
        newest.filter((row) => status === undefined || row.status === status),
        request,
      );
    },
    update: async (id, change) => {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      const changes = structuredClone(change(structuredClone(row)));
      const at = iso();
      const times = timesAfter(row, changes.status ?? row.status, at);
      Object.assign(row, changes, times, { updated_at: at });
      return structuredClone(row);
    },
    check: async () => undefined,
  };
}
