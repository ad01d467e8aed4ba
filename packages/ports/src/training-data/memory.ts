import { RefusedError } from "../errors.ts";
import {
  assertProject,
  isoNow,
  pageOf,
  type MemoryTrainingState,
} from "../model-catalogue/memory-state.ts";
import type { TrainingData, TrainingDataStore, TrainingRow } from "./port.ts";
import { createRowsSummary } from "./summary.ts";

/** Keeps uploads in the process. */
export function createMemoryTrainingData(state: MemoryTrainingState): TrainingDataStore {
  const { uploads } = state;
  return {
    store: async ({ project_id, filename, columns }, batches) => {
      await assertProject(state, project_id);
      const summary = createRowsSummary();
      const blocks: TrainingRow[][] = [];
      for await (const batch of batches) {
        summary.add(batch);
        blocks.push(structuredClone([...batch]));
      }
      const data: TrainingData = {
        id: state.nextId("uploads"),
        project_id,
        filename,
        columns: [...columns],
        ...summary.summary(),
        created_at: isoNow(state),
      };
      uploads.set(data.id, { data, blocks });
      return structuredClone(data);
    },
    get: async (id) => structuredClone(uploads.get(id)?.data),
    list: async (request) =>
      pageOf(
        [...uploads.values()].map(({ data }) => data),
        request,
      ),
    newest: async (projectId) =>
      structuredClone(
        [...uploads.values()].findLast(({ data }) => data.project_id === projectId)?.data,
      ),
    async *read(id) {
      const kept = uploads.get(id);
      if (kept === undefined) throw new RefusedError("there is no such training data");
      for (const block of kept.blocks) yield structuredClone(block);
    },
    remove: async (id) => uploads.delete(id),
    check: async () => undefined,
  };
}
