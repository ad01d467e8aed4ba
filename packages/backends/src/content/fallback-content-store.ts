import { RefusedError, UnavailableError, type Clock, type ContentStore } from "@signalpath/ports";

import { createDebts } from "./debts.ts";

/** A store that is down is asked again this often, milliseconds. */
const RETRY_MS = 1_000;

export interface FallbackContentStore extends ContentStore {
  /** True while the fallback answers: the primary is down, or has not yet been told everything. */
  degraded(): boolean;
  /** Waits for what is being made up for in the background. */
  close(): Promise<void>;
}

export interface FallbackOptions {
  now: Clock;
  /** One line at each turn: the primary is lost, the primary is back. */
  warn: (line: string) => void;
  /** Why the primary failed. */
  onError: (error: unknown, what: string) => void;
  retryMs?: number;
}

/**
 * Both stores hold everything. Searches go to the primary; when it fails, the fallback answers the
 * same call and all others until the primary is back and was told of every write it missed. No
 * search waits for that: the primary is tried again in the background, once every `retryMs`, by
 * whatever call comes next. A write succeeds when the fallback has it. A project that is held is the
 * fallback's alone; released, its items are brought to the primary as after an outage.
 */
export function createFallbackContentStore(
  primary: ContentStore,
  fallback: ContentStore,
  options: FallbackOptions,
): FallbackContentStore {
  const { now, warn, onError, retryMs = RETRY_MS } = options;
  const debts = createDebts();
  const held = new Set<number>();
  let down = false;
  let retryAt = 0;
  let recovering: Promise<void> | undefined;

  function failed(error: unknown): void {
    if (!(error instanceof UnavailableError || error instanceof RefusedError)) throw error;
    retryAt = now() + retryMs;
    if (!down) warn("the content store does not answer: the in-process index answers instead");
    down = true;
    onError(error, "content store");
  }

  async function recover(): Promise<void> {
    try {
      await primary.check();
      await debts.settle(primary, fallback, (projectId) => !held.has(projectId));
      down = false;
      warn("the content store answers again");
    } catch (error) {
      retryAt = now() + retryMs;
      onError(error, "content store");
    }
  }

  function recoverWhenDue(): void {
    if (recovering !== undefined || now() < retryAt) return;
    recovering = recover().finally(() => (recovering = undefined));
  }

  async function read<T>(
    projectId: number,
    search: (store: ContentStore) => Promise<T>,
  ): Promise<T> {
    if (held.has(projectId)) return search(fallback);
    if (down) {
      recoverWhenDue();
      return search(fallback);
    }
    try {
      return await search(primary);
    } catch (error) {
      failed(error);
      return search(fallback);
    }
  }

  async function write(
    projectId: number,
    itemIds: readonly string[],
    change: (store: ContentStore) => Promise<void>,
  ): Promise<void> {
    await change(fallback);
    if (down || held.has(projectId)) {
      debts.add(projectId, itemIds);
      if (down) recoverWhenDue();
      return;
    }
    try {
      await change(primary);
    } catch (error) {
      debts.add(projectId, itemIds);
      failed(error);
    }
  }

  return {
    upsert: (projectId, items) =>
      write(
        projectId,
        items.map((item) => item.item_id),
        (store) => store.upsert(projectId, items),
      ),
    remove: (projectId, itemIds) =>
      write(projectId, itemIds, (store) => store.remove(projectId, itemIds)),
    get: (...asked) => read(asked[0], (store) => store.get(...asked)),
    searchVector: (...asked) => read(asked[0], (store) => store.searchVector(...asked)),
    searchTags: (...asked) => read(asked[0], (store) => store.searchTags(...asked)),
    near: (...asked) => read(asked[0], (store) => store.near(...asked)),
    newest: (...asked) => read(asked[0], (store) => store.newest(...asked)),
    list: (...asked) => read(asked[0], (store) => store.list(...asked)),
    tagKeys: (...asked) => read(asked[0], (store) => store.tagKeys(...asked)),
    size: (...asked) => read(asked[0], (store) => store.size(...asked)),
    // A primary that is down costs nothing but memory: it is said by `degraded`, not by readiness.
    check: () => fallback.check(),
    hold: (projectId) => void held.add(projectId),
    release(projectId) {
      if (!held.delete(projectId)) return;
      if (!down) warn("the content store is told of what changed in the in-process index");
      down = true;
      retryAt = 0;
      recoverWhenDue();
    },
    degraded: () => down,
    close: async () => recovering,
  };
}
