import type { Clock } from "../clock/port.ts";
import { RefusedError } from "../errors.ts";
import { pageOf } from "../model-catalogue/memory-state.ts";
import type { Projects } from "../projects/port.ts";
import type { AbTest, AbTests } from "./port.ts";

/** Keeps tests in the process. Ids count from 1. */
export function createMemoryAbTests({
  projects,
  now,
}: {
  projects: Pick<Projects, "get">;
  now: Clock;
}): AbTests {
  const rows = new Map<number, AbTest>();
  const iso = () => new Date(now()).toISOString();
  return {
    create: async (given) => {
      if ((await projects.get(given.project_id)) === undefined) {
        throw new RefusedError("the project is unknown");
      }
      const at = iso();
      const row: AbTest = {
        ...given,
        id: rows.size + 1,
        status: "DRAFT",
        started_at: null,
        ended_at: null,
        winner_slot: null,
        created_at: at,
        updated_at: at,
      };
      rows.set(row.id, row);
      return { ...row };
    },
    get: async (id) => structuredClone(rows.get(id)),
    list: async ({ status, ...request }) =>
      pageOf(
        [...rows.values()].filter((row) => status === undefined || row.status === status),
        request,
      ),
    update: async (id, change) => {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      Object.assign(row, change({ ...row }), { updated_at: iso() });
      return { ...row };
    },
    check: async () => undefined,
  };
}
