import { RefusedError } from "../errors.ts";
import {
  assertProject,
  isoNow,
  liveModel,
  pageOf,
  type MemoryTrainingState,
} from "../model-catalogue/memory-state.ts";
import type { DeploymentSlot, DeploymentSlots, SlotRouting } from "./port.ts";

/** Keeps slots in the process. `newSeed` makes the seed of a project's hashes. */
export function createMemoryDeploymentSlots(
  state: MemoryTrainingState,
  { newSeed }: { newSeed: () => string },
): DeploymentSlots {
  const { slots, slotOwners, routings } = state;
  const routing = (projectId: number): SlotRouting | undefined => {
    const kept = routings.get(projectId);
    if (kept === undefined) return undefined;
    const own = [...slots.values()].filter(
      (slot) => slot.project_id === projectId && slot.is_active && slot.weight > 0,
    );
    const { seed, mode } = kept;
    const of = (isShadow: boolean) =>
      structuredClone(own.filter((slot) => slot.is_shadow === isShadow));
    return { project_id: projectId, seed, mode, slots: of(false), shadows: of(true) };
  };
  return {
    create: async (slot) => {
      await assertProject(state, slot.project_id);
      liveModel(state, slot.trained_model_id, slot.project_id);
      assertWeight(slot.weight);
      const kept = routings.get(slot.project_id) ?? { seed: newSeed(), mode: "sticky", next: 0 };
      routings.set(slot.project_id, kept);
      const at = isoNow(state);
      const row: DeploymentSlot = {
        is_shadow: false,
        ...slot,
        id: state.nextId("slots"),
        variation_index: kept.next++,
        created_at: at,
        updated_at: at,
      };
      slots.set(row.id, row);
      slotOwners.set(row.id, row.project_id);
      return { ...row };
    },
    get: async (id) => structuredClone(slots.get(id)),
    ownerOf: async (id) => slotOwners.get(id),
    list: async ({ is_active, ...request }) =>
      pageOf(
        [...slots.values()].filter(
          (slot) => is_active === undefined || slot.is_active === is_active,
        ),
        request,
      ),
    update: async (id, changes) => {
      const row = slots.get(id);
      if (row === undefined) return undefined;
      if (changes.trained_model_id !== undefined) {
        liveModel(state, changes.trained_model_id, row.project_id);
      }
      if (changes.weight !== undefined) assertWeight(changes.weight);
      Object.assign(row, changes, { updated_at: isoNow(state) });
      return { ...row };
    },
    promote: async (id, { weight, switch_off }) => {
      const row = slots.get(id);
      if (row === undefined) return undefined;
      assertWeight(weight);
      if (!row.is_shadow) throw new RefusedError("the slot is no shadow");
      const others = switch_off.map((other) => slots.get(other));
      for (const other of others) {
        if (other?.project_id === row.project_id && other.id !== id) continue;
        throw new RefusedError("the project has no such other slot");
      }
      const updated_at = isoNow(state);
      for (const other of others) Object.assign(other ?? {}, { is_active: false, updated_at });
      Object.assign(row, { is_shadow: false, is_active: true, weight, updated_at });
      return { ...row };
    },
    remove: async (id) => slots.delete(id),
    routing: async (projectId) => routing(projectId),
    setMode: async (projectId, mode) => {
      const kept = routings.get(projectId);
      if (kept !== undefined) kept.mode = mode;
      return routing(projectId);
    },
    check: async () => undefined,
  };
}

function assertWeight(weight: number): void {
  if (!(weight >= 0 && weight <= 100)) throw new RefusedError("a weight is 0..100");
}
