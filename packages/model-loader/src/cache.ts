import { ModelFileError } from "@signalpath/contracts";
import { UnavailableError } from "@signalpath/ports";

import { createFailures, type Failures } from "./failures.ts";
import { createFlights, type Flights, rowKey } from "./flights.ts";
import type { LoadedModel, ModelRow } from "./load.ts";
import { createResidents, type Residents } from "./residents.ts";

const RETRY_AFTER_MS = 30_000;
/** Files that cannot be reached come back as they were; asking for them costs little. */
const AWAY_RETRY_AFTER_MS = 5_000;

/** What happened in a cache, for metrics and logs. */
export type ModelCacheEvent =
  | { type: "loaded" | "swapped"; row: ModelRow; bytes: number; ms: number }
  | { type: "evicted"; row: ModelRow; bytes: number; why: "room" | "asked" }
  | { type: "failed"; row: ModelRow; error: unknown; ms: number }
  /** Loaded, but a later wish had replaced it meanwhile. */
  | { type: "superseded"; row: ModelRow };

export interface ModelCacheOptions<S> {
  load: (row: ModelRow) => Promise<LoadedModel<S>>;
  maxModels: number;
  /** Of all models together; one that alone is larger is refused. While one is swapped, both are held. */
  maxBytes: number;
  /** Time, milliseconds. */
  clock: () => number;
  /**
   * A row whose load failed is not tried again for this long, 30 s unless told; 5 s at most when its
   * file could not be reached.
   */
  retryAfterMs?: number;
  onEvent?: (event: ModelCacheEvent) => void;
}

export interface ModelCacheStats {
  models: number;
  bytes: number;
  loading: number;
  /** Versions that are not tried again for now. */
  failed: number;
}

/** Models in memory, least recently used first out. A reference once taken stays good. */
export interface ModelCache<S> {
  /** The model that serves now, marked as used; undefined when none does. */
  use(modelId: number): LoadedModel<S> | undefined;
  /** The model that serves now, not marked as used. */
  peek(modelId: number): LoadedModel<S> | undefined;
  /**
   * The model of a row, loaded if need be, and from then on the one that serves. Marked as used.
   * Throws what `load` threw, also until it is tried again; what served before goes on serving.
   */
  get(row: ModelRow): Promise<LoadedModel<S>>;
  /**
   * Makes the row's version the one that serves, if this model is here or on its way; loads beside
   * the old one. Not marked as used. Throws as `get`.
   */
  swap(row: ModelRow): Promise<"swapped" | "same" | "absent">;
  /** Loads one after another; what fails is told, and stops nothing. */
  preload(rows: readonly ModelRow[]): Promise<{ row: ModelRow; error: unknown }[]>;
  /** Forgets a model, also one on its way. Answers whether it was here. */
  evict(modelId: number): boolean;
  /** Rows that serve, least recently used first. Marks nothing as used. */
  list(): ModelRow[];
  stats(): ModelCacheStats;
}

/** Keeps at most so many models and bytes. Throws RangeError on limits below 1. */
export function createModelCache<S>(options: ModelCacheOptions<S>): ModelCache<S> {
  const { maxModels, maxBytes, clock, onEvent = () => undefined } = options;
  if (!(maxModels >= 1 && maxBytes >= 1)) throw new RangeError("a cache that can hold nothing");
  const retryAfterMs = options.retryAfterMs ?? RETRY_AFTER_MS;
  const failures = createFailures(clock);
  const residents = createResidents<S>({ maxModels, maxBytes });
  const flights = createFlights<S>();
  const fly = createFly(
    { load: options.load, maxBytes, clock, onEvent, retryAfterMs },
    residents,
    flights,
    failures,
  );

  const here = (row: ModelRow): LoadedModel<S> | undefined => {
    const model = residents.peek(row.model_id);
    return model !== undefined && rowKey(model.row) === rowKey(row) ? model : undefined;
  };
  const fetch = async (row: ModelRow): Promise<LoadedModel<S>> => {
    if (flights.find(row) === undefined) failures.rethrow(rowKey(row));
    return flights.join(row, () => fly(row));
  };
  const get = async (row: ModelRow): Promise<LoadedModel<S>> => {
    flights.wish(row.model_id, row);
    const model = here(row) ?? (await fetch(row));
    if (residents.peek(row.model_id) === model) residents.use(row.model_id);
    return model;
  };
  return {
    use: (modelId) => residents.use(modelId),
    peek: (modelId) => residents.peek(modelId),
    get,
    swap: async (row) => {
      const isServed = residents.peek(row.model_id) !== undefined;
      if (!isServed && !flights.isUnderWay(row.model_id)) return "absent";
      flights.wish(row.model_id, row);
      if (here(row) !== undefined) return "same";
      await fetch(row);
      return "swapped";
    },
    preload: async (rows) => {
      const failed: { row: ModelRow; error: unknown }[] = [];
      for (const row of rows) {
        await get(row).catch((error: unknown) => failed.push({ row, error }));
      }
      return failed;
    },
    evict: (modelId) => {
      flights.wish(modelId);
      const model = residents.drop(modelId);
      if (model !== undefined) onEvent(evicted(model, "asked"));
      return model !== undefined;
    },
    list: () => residents.rows(),
    stats: () => ({
      models: residents.rows().length,
      bytes: residents.bytes(),
      loading: flights.count(),
      failed: failures.count(),
    }),
  };
}

/** One load from begin to end: what it leaves in the cache, and what it tells. */
function createFly<S>(
  options: Pick<
    Required<ModelCacheOptions<S>>,
    "load" | "maxBytes" | "clock" | "onEvent" | "retryAfterMs"
  >,
  residents: Residents<S>,
  flights: Flights<S>,
  failures: Failures,
): (row: ModelRow) => Promise<LoadedModel<S>> {
  const { load, maxBytes, clock, onEvent, retryAfterMs } = options;
  const loadWithin = async (row: ModelRow): Promise<LoadedModel<S>> => {
    const model = await load(row);
    if (model.bytes <= maxBytes) return model;
    throw new ModelFileError("MODEL_TOO_LARGE", `more than the cache holds, ${maxBytes} bytes`);
  };
  return async (row) => {
    const startedAt = clock();
    const model = await loadWithin(row).catch((error: unknown) => {
      flights.land(row);
      const forMs = isAway(error) ? Math.min(AWAY_RETRY_AFTER_MS, retryAfterMs) : retryAfterMs;
      failures.add(rowKey(row), error, forMs);
      onEvent({ type: "failed", row, error, ms: clock() - startedAt });
      throw error;
    });
    const isWanted = flights.find(row)?.superseded === false;
    flights.land(row);
    if (!isWanted) {
      onEvent({ type: "superseded", row });
      return model;
    }
    const type = residents.put(model);
    onEvent({ type, row, bytes: model.bytes, ms: clock() - startedAt });
    for (const gone of residents.makeRoom(row.model_id)) onEvent(evicted(gone, "room"));
    return model;
  };
}

/** The file could not be reached, which says nothing of its contents. */
export function isAway(error: unknown): boolean {
  if (error instanceof UnavailableError) return true;
  return error instanceof ModelFileError && error.code === "MODEL_FILE_MISSING";
}

function evicted(model: LoadedModel<unknown>, why: "room" | "asked"): ModelCacheEvent {
  return { type: "evicted", row: model.row, bytes: model.bytes, why };
}
