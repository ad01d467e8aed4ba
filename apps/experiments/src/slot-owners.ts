import type { DeploymentSlots } from "@signalpath/ports";
import { LRUCache } from "lru-cache";

const LARGEST_ID = 2 ** 31 - 1;

/** Whose a slot is. A slot never changes its project and its id is never given again. */
export interface SlotOwners {
  /** True when the slot is there and the project's. */
  isOf(projectId: number, slotId: number): Promise<boolean>;
}

/** Only what was found is remembered: a slot that is made later is known at once. */
export function createSlotOwners(slots: Pick<DeploymentSlots, "get">): SlotOwners {
  const kept = new LRUCache<number, number>({ max: 10_000 });
  return {
    async isOf(projectId, slotId) {
      if (!Number.isInteger(slotId) || slotId < 1 || slotId > LARGEST_ID) return false;
      let owner = kept.get(slotId);
      if (owner === undefined) {
        owner = (await slots.get(slotId))?.project_id;
        if (owner !== undefined) kept.set(slotId, owner);
      }
      return owner === projectId;
    },
  };
}
