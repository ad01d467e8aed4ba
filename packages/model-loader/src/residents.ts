import type { LoadedModel, ModelRow } from "./load.ts";

export interface ResidentLimits {
  maxModels: number;
  maxBytes: number;
}

/** Models in memory in the order of their use. */
export interface Residents<S> {
  peek(modelId: number): LoadedModel<S> | undefined;
  /** The model, now the most recently used. */
  use(modelId: number): LoadedModel<S> | undefined;
  /** In place of its other version, keeping that one's turn, or as the most recently used. */
  put(model: LoadedModel<S>): "loaded" | "swapped";
  drop(modelId: number): LoadedModel<S> | undefined;
  /** Drops the least recently used until the limits hold; never `keep`. */
  makeRoom(keep: number): LoadedModel<S>[];
  rows(): ModelRow[];
  bytes(): number;
}

export function createResidents<S>({ maxModels, maxBytes }: ResidentLimits): Residents<S> {
  // A Map keeps the order of insertion: least recently used first.
  const models = new Map<number, LoadedModel<S>>();
  let bytes = 0;
  const drop = (modelId: number): LoadedModel<S> | undefined => {
    const model = models.get(modelId);
    models.delete(modelId);
    bytes -= model?.bytes ?? 0;
    return model;
  };
  return {
    peek: (modelId) => models.get(modelId),
    use: (modelId) => {
      const model = models.get(modelId);
      if (model === undefined) return undefined;
      models.delete(modelId);
      models.set(modelId, model);
      return model;
    },
    put: (model) => {
      const old = models.get(model.row.model_id);
      // Setting an existing key keeps its place in the order.
      models.set(model.row.model_id, model);
      bytes += model.bytes - (old?.bytes ?? 0);
      return old === undefined ? "loaded" : "swapped";
    },
    drop,
    makeRoom: (keep) => {
      const gone: LoadedModel<S>[] = [];
      for (const [modelId, model] of models) {
        if (models.size <= maxModels && bytes <= maxBytes) break;
        if (modelId === keep) continue;
        drop(modelId);
        gone.push(model);
      }
      return gone;
    },
    rows: () => [...models.values()].map(({ row }) => row),
    bytes: () => bytes,
  };
}
