import type { DeploymentSlots } from "@signalpath/ports";
import { LRUCache } from "lru-cache";

const LARGEST_ID = 2 ** 31 - 1;

/**
 * Whose a slot is, or was: late events of a removed slot still count in the tests it was part of. A
 * slot never changes its project and its id is never given again.
 */
export interface SlotOwners {
  /** True when the slot is the project's, or was until it was removed. */
  isOf(projectId: number, slotId: number): Promise<boolean>;
}

/** Only what was found is remembered: a slot that is made later is known at once. */
export function createSlotOwners(slots: Pick<DeploymentSlots, "ownerOf">): SlotOwners {
  const kept = new LRUCache<number, number>({ max: 10_000 });
  return {
    async isOf(projectId, slotId) {
      if (!Number.isInteger(slotId) || slotId < 1 || slotId > LARGEST_ID) return false;
      let owner = kept.get(slotId);
      if (owner === undefined) {
        owner = await slots.ownerOf(slotId);
        if (owner !== undefined) kept.set(slotId, owner);
      }
      return owner === projectId;
    },
  };
}
