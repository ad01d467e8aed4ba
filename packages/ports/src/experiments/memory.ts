import type { Clock } from "../clock/port.ts";
import { RefusedError } from "../errors.ts";
import { KeyReusedError } from "../experiment-events/port.ts";
import { pageOf } from "../model-catalogue/memory-state.ts";
import type { Projects } from "../projects/port.ts";
import {
  timesAfter,
  type Experiment,
  type Experiments,
  type ProjectRanking,
  type Promoted,
} from "./port.ts";

/** Keeps experiments in the process. */
export function createMemoryExperiments({
  projects,
  now,
}: {
  projects: Pick<Projects, "get">;
  now: Clock;
}): Experiments {
  const rows = new Map<string, Experiment>();
  const rankings = new Map<number, ProjectRanking>();
  const answers = new Map<string, { digest: string; answer: Promoted }>();
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
    promote: async (id, decide, once) => {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      const key = `${row.project_id}/${once?.key}`;
      const before = once && answers.get(key);
      if (before !== undefined) {
        if (before.digest === once?.digest) {
          return { ...structuredClone(before.answer), replayed: true };
        }
        throw new KeyReusedError("the key stands for another request");
      }
      const known = rankings.get(row.project_id);
      const { variation_index, ranking } = decide(
        structuredClone(row),
        structuredClone(known?.ranking),
      );
      const at = iso();
      if (row.status === "running") {
        Object.assign(row, timesAfter(row, "stopped", at), { status: "stopped", updated_at: at });
      }
      if (ranking !== undefined) {
        const of = { project_id: row.project_id, experiment_id: id, variation_index };
        rankings.set(row.project_id, { ...of, ranking: structuredClone(ranking), updated_at: at });
      }
      const answer = structuredClone({
        experiment: row,
        ranking: rankings.get(row.project_id) ?? null,
        replayed: false,
      });
      if (once !== undefined) answers.set(key, { digest: once.digest, answer });
      return structuredClone(answer);
    },
    rankings: async (request) =>
      pageOf(
        [...rankings.values()].toSorted((a, b) => a.project_id - b.project_id),
        request,
      ),
    setRanking: async (project_id, ranking) => {
      if ((await projects.get(project_id)) === undefined) {
        throw new RefusedError("the project is unknown");
      }
      rankings.delete(project_id);
      if (ranking === null) return null;
      const by = { experiment_id: null, variation_index: null, updated_at: iso() };
      rankings.set(project_id, { project_id, ranking: structuredClone(ranking), ...by });
      return structuredClone(rankings.get(project_id) ?? null);
    },
    check: async () => undefined,
  };
}
