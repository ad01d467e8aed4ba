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
 * whatever call comes next. A write succeeds when the fallback has it.
 */
export function createFallbackContentStore(
  primary: ContentStore,
  fallback: ContentStore,
  options: FallbackOptions,
): FallbackContentStore {
  const { now, warn, onError, retryMs = RETRY_MS } = options;
  const debts = createDebts();
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
      await debts.settle(primary, fallback);
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

  async function read<T>(search: (store: ContentStore) => Promise<T>): Promise<T> {
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
    if (down) {
      debts.add(projectId, itemIds);
      recoverWhenDue();
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
    get: (...asked) => read((store) => store.get(...asked)),
    searchVector: (...asked) => read((store) => store.searchVector(...asked)),
    searchTags: (...asked) => read((store) => store.searchTags(...asked)),
    near: (...asked) => read((store) => store.near(...asked)),
    newest: (...asked) => read((store) => store.newest(...asked)),
    list: (...asked) => read((store) => store.list(...asked)),
    tagKeys: (...asked) => read((store) => store.tagKeys(...asked)),
    size: (...asked) => read((store) => store.size(...asked)),
    // A primary that is down costs nothing but memory: it is said by `degraded`, not by readiness.
    check: () => fallback.check(),
    degraded: () => down,
    close: async () => recovering,
  };
}
