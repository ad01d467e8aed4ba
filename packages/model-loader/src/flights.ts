import type { LoadedModel, ModelRow } from "./load.ts";

/** A load under way. */
export interface Flight<S> {
  row: ModelRow;
  promise: Promise<LoadedModel<S>>;
  /** Another version was asked for since, or the model was evicted. */
  superseded: boolean;
}

/** All that a load is checked against: a corrected row is another load. */
export function rowKey({ model_id, project_id, version, sha256 }: ModelRow): string {
  return `${model_id}:${project_id}:${version}:${sha256}`;
}

/** Loads under way, one a row. */
export interface Flights<S> {
  /** The load of this row: the one under way, or a new one. */
  join(row: ModelRow, start: () => Flight<S>["promise"]): Flight<S>["promise"];
  find(row: ModelRow): Flight<S> | undefined;
  land(row: ModelRow): void;
  isUnderWay(modelId: number): boolean;
  /** From now on only this row's load may be installed for its model; none when no row is given. */
  wish(modelId: number, row?: ModelRow): void;
  count(): number;
}

export function createFlights<S>(): Flights<S> {
  const flights = new Map<string, Flight<S>>();
  const of = (modelId: number): Flight<S>[] =>
    [...flights.values()].filter(({ row }) => row.model_id === modelId);
  return {
    join: (row, start) => {
      const key = rowKey(row);
      const under = flights.get(key);
      if (under !== undefined) return under.promise;
      const flight: Flight<S> = { row, superseded: false, promise: undefined as never };
      // Known before it starts: what it does looks itself up.
      flights.set(key, flight);
      flight.promise = start();
      return flight.promise;
    },
    find: (row) => flights.get(rowKey(row)),
    land: (row) => void flights.delete(rowKey(row)),
    isUnderWay: (modelId) => of(modelId).length > 0,
    wish: (modelId, row) => {
      const key = row === undefined ? undefined : rowKey(row);
      for (const flight of of(modelId)) flight.superseded = rowKey(flight.row) !== key;
    },
    count: () => flights.size,
  };
}
