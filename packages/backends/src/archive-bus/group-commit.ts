import {
  RefusedError,
  UnavailableError,
  type Archive,
  type IdentityLink,
  type PublishAck,
  type PutResult,
} from "@signalpath/ports";

import type { PendingSignal } from "./entry.ts";

/** A signal after its commit. */
export interface CommittedSignal extends PendingSignal {
  result: PutResult;
  /** Links of the whole commit: a handler picks those its own event names. */
  links: readonly IdentityLink[];
}

export interface GroupCommit {
  /** Resolves when the signal is durable. @throws UnavailableError, RefusedError. */
  add(signal: PendingSignal): Promise<PublishAck>;
  /** Signals that wait, those in the commit under way included, and their bytes. */
  waiting(): { count: number; bytes: number };
  /** Waits until nothing waits. */
  drain(): Promise<void>;
}

interface Waiter {
  signal: PendingSignal;
  resolve: (ack: PublishAck) => void;
  reject: (error: unknown) => void;
}

/**
 * One archive transaction at a time; whatever is published while it runs goes into the next. Under
 * load the batches grow, alone a signal waits for nobody.
 *
 * @param options.afterCommit told of every commit, and with nothing after a failed one: the
 *   connection may have broken after the commit.
 */
export function createGroupCommit(options: {
  archive: Pick<Archive, "put">;
  afterCommit: (signals: readonly CommittedSignal[]) => void;
  maxGroup?: number;
}): GroupCommit {
  const { archive, afterCommit, maxGroup = 500 } = options;
  const queue: Waiter[] = [];
  let count = 0;
  let bytes = 0;
  let working: Promise<void> | undefined;

  function settle({ signal }: Waiter): void {
    count -= 1;
    bytes -= signal.bytes;
  }

  /** The group is halved until a row that never fits stands alone; its neighbours are stored. */
  async function commit(group: readonly Waiter[]): Promise<void> {
    try {
      const { results, links } = await archive.put(group.map(({ signal }) => signal.event));
      const committed = group.map(({ signal }, index) => {
        const result = results[index];
        if (result === undefined) throw new Error("the archive answered fewer results than events");
        return { ...signal, result, links };
      });
      afterCommit(committed);
      for (const [index, waiter] of group.entries()) {
        settle(waiter);
        waiter.resolve(ackOf(committed[index]?.result));
      }
    } catch (error) {
      if (error instanceof RefusedError && group.length > 1) {
        const middle = group.length >> 1;
        await commit(group.slice(0, middle));
        await commit(group.slice(middle));
        return;
      }
      if (error instanceof UnavailableError) afterCommit([]);
      for (const waiter of group) {
        settle(waiter);
        waiter.reject(error);
      }
    }
  }

  async function work(): Promise<void> {
    while (queue.length > 0) await commit(queue.splice(0, maxGroup));
    working = undefined;
  }

  return {
    add: (signal) =>
      new Promise((resolve, reject) => {
        queue.push({ signal, resolve, reject });
        count += 1;
        bytes += signal.bytes;
        // Started in a microtask: what one tick publishes is one commit.
        working ??= Promise.resolve().then(work);
      }),
    waiting: () => ({ count, bytes }),
    drain: async () => working,
  };
}

function ackOf(result: PutResult | undefined): PublishAck {
  if (result?.status === "erased") return { duplicate: false, refused: "USER_ERASED" };
  return { duplicate: result?.status === "stored" };
}
