import { setTimeout as sleep } from "node:timers/promises";

import { createRepeater, type Logger, type Repeater } from "@signalpath/service-kit";

import type { Serving } from "./serving.ts";

/** A message that is newer than the row just read: a replica lags. Pauses until it is read again. */
const LAG_PAUSES_MS = [0, 200, 500, 1_000, 2_000];

/** Brings memory in line with the tables. */
export interface KeepCurrent {
  /** Loads what is to be there at start; what cannot be loaded is told and stops nothing. */
  start(): Promise<void>;
  /** A version was trained. */
  trained(message: { model_id: number; version?: number | undefined }): Promise<void>;
  /** Slots of a project, or the serving version of one of its models, changed. */
  slotsChanged(projectId: number): Promise<void>;
  /** Reads everything known again: messages may have been missed. Never throws. */
  rereadAll(): Promise<void>;
  close(): Promise<void>;
}

export function createKeepCurrent(options: {
  serving: Serving;
  preload: readonly number[];
  rereadMs: number;
  /** A reading that failed, and a version that could not be loaded, are tried again after this. */
  retryMs: number;
  logger: Logger;
}): KeepCurrent {
  const { serving, logger, rereadMs } = options;
  const retryMs = Math.min(options.retryMs, rereadMs);
  const { models, routings, cache } = serving;
  const preload = new Set(options.preload);
  const closing = new AbortController();
  const under = new Set<Promise<void>>();

  /** Models whose new version could not be loaded yet. */
  const behind = new Set<number>();
  async function sync(ids: readonly number[]): Promise<void> {
    const late = await serving.sync(ids);
    for (const id of ids) behind.delete(id);
    for (const id of late) behind.add(id);
  }

  const isOurs = (id: number): boolean => preload.has(id) || models.has(id);
  async function loadPreloads(): Promise<void> {
    for (const id of preload) {
      const row = await models.get(id);
      if (row === undefined) logger.warn({ model_id: id }, "a model to preload does not exist");
      // The cache tells a failure itself.
      else await serving.load(row).catch(() => undefined);
    }
  }

  async function follow(id: number, version: number | undefined): Promise<void> {
    for (const pauseMs of LAG_PAUSES_MS) {
      await sleep(pauseMs, undefined, { signal: closing.signal, ref: false });
      await sync([id]);
      const row = models.peek(id);
      if (row === undefined && version === undefined) return;
      if (row !== undefined && row.version >= (version ?? 0)) break;
    }
    const row = models.peek(id);
    if (row !== undefined && preload.has(id)) await serving.load(row).catch(() => undefined);
  }

  /** Keeps track of work that nobody waits for, and tells how it failed. */
  function background(what: string, work: Promise<void>): Promise<void> {
    const told = work
      .catch((error: unknown) => {
        if (closing.signal.aborted) return;
        logger.warn({ err: error }, `${what} failed, the last state stays until the next reading`);
      })
      .finally(() => under.delete(told));
    under.add(told);
    return told;
  }

  const repeater: Repeater = createRepeater({
    task: async () => {
      await routings.refresh(routings.ids());
      await sync(models.ids());
    },
    pauseMs: (failed) => (failed ? retryMs : rereadMs),
    what: "reading slots and models again",
    logger,
  });

  // The cache remembers a refusal for a while: most of these looks read no file.
  const retry: Repeater = createRepeater({
    task: async () => {
      if (behind.size > 0) await sync([...behind]);
    },
    pauseMs: () => retryMs,
    what: "loading versions again",
    logger,
  });

  return {
    async start() {
      await background("preloading models", loadPreloads());
      await repeater.runNow();
      await retry.runNow();
    },
    async trained({ model_id: id, version }) {
      if (isOurs(id)) await background("following a trained model", follow(id, version));
    },
    async slotsChanged(projectId) {
      const ids = models.ids().filter((id) => {
        const row = models.peek(id);
        return row === undefined || row.project_id === projectId;
      });
      const work = async (): Promise<void> => {
        if (routings.has(projectId)) await routings.refresh([projectId]);
        await sync(ids);
      };
      await background("following a change of slots", work());
    },
    rereadAll: () => repeater.runNow(),
    async close() {
      closing.abort();
      await repeater.close();
      await retry.close();
      await Promise.all(under);
      for (const row of cache.list()) cache.evict(row.model_id);
    },
  };
}
