import type { Clock } from "../clock/port.ts";
import { RefusedError } from "../errors.ts";
import { pageOf } from "../model-catalogue/memory-state.ts";
import type { Projects } from "../projects/port.ts";
import type { RankingRules, StoredRankingRule } from "./port.ts";

/** Keeps rules in the process. Ids count from 1 and are never reused. */
export function createMemoryRankingRules({
  projects,
  now,
}: {
  projects: Pick<Projects, "get">;
  now: Clock;
}): RankingRules {
  const rows = new Map<number, StoredRankingRule>();
  let lastId = 0;
  const iso = () => new Date(now()).toISOString();
  return {
    create: async (given) => {
      if ((await projects.get(given.project_id)) === undefined) {
        throw new RefusedError("the project is unknown");
      }
      const at = iso();
      const row = { ...structuredClone(given), id: ++lastId, created_at: at, updated_at: at };
      rows.set(row.id, row);
      return structuredClone(row);
    },
    get: async (id) => structuredClone(rows.get(id)),
    list: async ({ is_active, ...request }) =>
      pageOf(
        [...rows.values()].filter((row) => is_active === undefined || row.is_active === is_active),
        request,
      ),
    update: async (id, change) => {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      Object.assign(row, structuredClone(change(structuredClone(row))), { updated_at: iso() });
      return structuredClone(row);
    },
    remove: async (id) => rows.delete(id),
    check: async () => undefined,
  };
}
