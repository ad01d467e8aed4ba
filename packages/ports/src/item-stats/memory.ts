import { compareCodePoints } from "@signalpath/domain";

import { projectOf, type MemoryArchiveState } from "../archive/memory-state.ts";
import type { ItemStats } from "./port.ts";

/** Reads what the memory archive counted; made by `createMemoryArchive`. */
export function createMemoryItemStats(state: MemoryArchiveState): ItemStats {
  return {
    itemHours: async (projectId, sinceHour) =>
      [...projectOf(state, projectId).itemHours.values()]
        .filter((row) => row.hour >= sinceHour)
        .map((row) => ({ ...row }))
        .sort(
          (a, b) =>
            a.hour - b.hour ||
            compareCodePoints(a.item_id, b.item_id) ||
            compareCodePoints(a.event_class, b.event_class),
        ),
    replaceNeighbours: async (projectId, rows, computedAt) => {
      projectOf(state, projectId).neighbours = {
        computedAt,
        rows: structuredClone([...rows]).sort((a, b) => compareCodePoints(a.item_id, b.item_id)),
      };
    },
    neighbours: async (projectId, knownAt) => {
      const table = projectOf(state, projectId).neighbours;
      if (table === undefined) return undefined;
      if (knownAt !== undefined && table.computedAt <= knownAt) return undefined;
      return structuredClone(table);
    },
  };
}
