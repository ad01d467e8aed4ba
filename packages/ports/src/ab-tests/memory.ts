import type { Clock } from "../clock/port.ts";
import { RefusedError } from "../errors.ts";
import { pageOf } from "../model-catalogue/memory-state.ts";
import type { DeploymentSlots } from "../deployment-slots/port.ts";
import { KeyReusedError } from "../experiment-events/port.ts";
import type { Projects } from "../projects/port.ts";
import type { AbTest, AbTests } from "./port.ts";

/** Keeps tests in the process. Ids count from 1. */
export function createMemoryAbTests({
  projects,
  slots,
  now,
}: {
  projects: Pick<Projects, "get">;
  slots: Pick<DeploymentSlots, "update">;
  now: Clock;
}): AbTests {
  const rows = new Map<number, AbTest>();
  const answers = new Map<string, { digest: string; answer: AbTest }>();
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
    promote: async (id, decide, once) => {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      const key = `${row.project_id}/${once?.key}`;
      const before = once && answers.get(key);
      if (before !== undefined) {
        if (before.digest === once?.digest) return { ...before.answer };
        throw new KeyReusedError("the key stands for another request");
      }
      const { winner, loser } = decide({ ...row });
      const won = await slots.update(winner, { weight: 100, is_active: true });
      if (won === undefined) throw new RefusedError("the slot of the winner was removed");
      await slots.update(loser, { is_active: false });
      Object.assign(row, { winner_slot: winner, updated_at: iso() });
      if (once !== undefined) answers.set(key, { digest: once.digest, answer: { ...row } });
      return { ...row };
    },
    check: async () => undefined,
  };
}
