import type { ContentStore } from "@signalpath/ports";

const BATCH = 500;

/** Items a store was not told of, by project. */
export interface Debts {
  add(projectId: number, itemIds: readonly string[]): void;
  /**
   * Brings those items in `to` to their state in `from`, until nothing is owed any more, also of
   * what was added meanwhile. What fails is owed still, and so is what `isDue` leaves out.
   * @throws what `to` throws.
   */
  settle(
    to: ContentStore,
    from: ContentStore,
    isDue?: (projectId: number) => boolean,
  ): Promise<void>;
}

export function createDebts(): Debts {
  const owed = new Map<number, Set<string>>();

  function add(projectId: number, itemIds: readonly string[]): void {
    const ids = owed.get(projectId) ?? new Set();
    for (const itemId of itemIds) ids.add(itemId);
    if (ids.size > 0) owed.set(projectId, ids);
  }

  async function settleSome(
    projectId: number,
    ids: readonly string[],
    to: ContentStore,
    from: ContentStore,
  ): Promise<void> {
    const items = await from.get(projectId, ids);
    const present = new Set(items.map((item) => item.item_id));
    const gone = ids.filter((id) => !present.has(id));
    if (items.length > 0) await to.upsert(projectId, items);
    if (gone.length > 0) await to.remove(projectId, gone);
  }

  return {
    add,
    async settle(to, from, isDue = () => true) {
      for (;;) {
        const next = [...owed].find(([projectId]) => isDue(projectId));
        if (next === undefined) return;
        const [projectId, ids] = next;
        const some = [...ids].slice(0, BATCH);
        // Taken off first: what is written meanwhile is owed again.
        for (const id of some) ids.delete(id);
        if (ids.size === 0) owed.delete(projectId);
        try {
          await settleSome(projectId, some, to, from);
        } catch (error) {
          add(projectId, some);
          throw error;
        }
      }
    },
  };
}
