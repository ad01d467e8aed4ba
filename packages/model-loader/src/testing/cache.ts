import { vi } from "vitest";

import { createModelCache, type ModelCacheEvent, type ModelCacheOptions } from "../cache.ts";
import type { LoadedModel, ModelRow } from "../load.ts";
import { METADATA } from "./artefact.ts";

export const rowOf = (model_id: number, version = 1): ModelRow => ({
  model_id,
  project_id: 3,
  version,
  sha256: `${model_id}-${version}`,
  file: `${model_id}/${version}.spm`,
});
export const modelOf = (row: ModelRow, bytes = 10): LoadedModel<string> => ({
  row,
  metadata: METADATA,
  scorer: row.sha256,
  bytes,
});

/** A cache on a clock the test moves, and what it told. */
export function make(options: Partial<ModelCacheOptions<string>> = {}) {
  const events: ModelCacheEvent[] = [];
  let now = 0;
  const load = vi.fn(options.load ?? (async (row: ModelRow) => modelOf(row)));
  const cache = createModelCache<string>({
    maxModels: 3,
    maxBytes: 100,
    clock: () => now,
    onEvent: (event) => events.push(event),
    ...options,
    load,
  });
  const ids = (): number[] => cache.list().map(({ model_id }) => model_id);
  const advance = (ms: number): void => void (now += ms);
  const types = (): string[] => events.map(({ type, row }) => `${type} ${row.sha256}`);
  return { cache, events, load, ids, advance, types };
}

/** A cache whose loads wait until the test settles them. */
export function makeGated(options: Partial<ModelCacheOptions<string>> = {}) {
  const gates = new Map<string, PromiseWithResolversOf<LoadedModel<string>>>();
  const made = make({
    ...options,
    load: (row) => {
      const gate = withResolvers<LoadedModel<string>>();
      gates.set(row.sha256, gate);
      return gate.promise;
    },
  });
  const open = (row: ModelRow): void => gates.get(row.sha256)?.resolve(modelOf(row));
  const fail = (row: ModelRow): void => gates.get(row.sha256)?.reject(new Error("damaged"));
  return { ...made, open, fail };
}

interface PromiseWithResolversOf<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
}

function withResolvers<T>(): PromiseWithResolversOf<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
