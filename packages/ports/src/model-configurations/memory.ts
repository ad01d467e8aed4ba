import { RefusedError } from "../errors.ts";
import {
  assertProject,
  isoNow,
  pageOf,
  type MemoryTrainingState,
} from "../model-catalogue/memory-state.ts";
import type { ModelConfigurations } from "./port.ts";

/** Keeps configurations in the process. */
export function createMemoryModelConfigurations(state: MemoryTrainingState): ModelConfigurations {
  const { configurations } = state;
  const assertFree = (projectId: number, name: string | undefined, but?: number): void => {
    for (const row of configurations.values()) {
      if (row.id !== but && row.project_id === projectId && row.name === name) {
        throw new RefusedError("a configuration of this name exists");
      }
    }
  };
  return {
    create: async (configuration) => {
      await assertProject(state, configuration.project_id);
      assertFree(configuration.project_id, configuration.name);
      const id = state.nextId("configurations");
      const at = isoNow(state);
      const row = { ...structuredClone(configuration), id, created_at: at, updated_at: at };
      configurations.set(id, row);
      return structuredClone(row);
    },
    get: async (id) => structuredClone(configurations.get(id)),
    list: async (request) => pageOf([...configurations.values()], request),
    update: async (id, changes) => {
      const row = configurations.get(id);
      if (row === undefined) return undefined;
      assertFree(row.project_id, changes.name, id);
      Object.assign(row, structuredClone(changes), { updated_at: isoNow(state) });
      return structuredClone(row);
    },
    remove: async (id) => configurations.delete(id),
  };
}
