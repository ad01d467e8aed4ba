import { hash32 } from "@signalpath/domain";

import type { ReplayEvent } from "./event.ts";

/** Largest body of one request, bytes: the service takes 10 MiB. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** Batches that may wait in a lane behind the one on its way. */
const MAX_WAITING = 2;
/** A batch is sent unfinished when its first event lies this many full rounds behind. */
const PATIENCE_ROUNDS = 4;

export interface LaneOptions {
  lanes: number;
  batch: number;
  send: (events: readonly ReplayEvent[]) => Promise<void>;
  /** A batch was stored; everything before `watermark` is. */
  onProgress: (watermark: number) => void;
}

export interface Lanes {
  /** Resolves when there is room; rejects with the error of a batch that failed. */
  push(event: ReplayEvent): Promise<void>;
  /** An entry that is not sent counts as done. */
  skip(index: number): void;
  /** Sends what is left and waits for everything. */
  finish(): Promise<void>;
}

interface Lane {
  filling: ReplayEvent[];
  bytes: number;
  /** First index of each batch sent but not stored. */
  open: Set<number>;
  tail: Promise<void>;
  waiting: number;
}

/**
 * Several requests on their way at once, and the events of one person still in their order: a
 * person always takes the same lane, and a lane sends one batch after the other.
 */
export function createLanes(options: LaneOptions): Lanes {
  const lanes: Lane[] = Array.from({ length: options.lanes }, () => ({
    filling: [],
    bytes: 0,
    open: new Set<number>(),
    tail: Promise.resolve(),
    waiting: 0,
  }));
  let next = 0;
  let failure: { error: unknown } | undefined;

  function watermark(): number {
    let lowest = next;
    for (const lane of lanes) {
      const first = lane.filling[0];
      if (first !== undefined) lowest = Math.min(lowest, first.index);
      for (const index of lane.open) lowest = Math.min(lowest, index);
    }
    return lowest;
  }

  async function sendBatch(lane: Lane, events: readonly ReplayEvent[], first: number) {
    // After a failure nothing more is sent: the run stops and can be resumed.
    if (failure !== undefined) return;
    try {
      await options.send(events);
      lane.open.delete(first);
      options.onProgress(watermark());
    } catch (error) {
      failure ??= { error };
    }
  }

  async function flush(lane: Lane): Promise<void> {
    const events = lane.filling;
    const first = events[0]?.index;
    if (first === undefined) return;
    lane.filling = [];
    lane.bytes = 0;
    lane.open.add(first);
    lane.waiting++;
    lane.tail = lane.tail
      .then(() => sendBatch(lane, events, first))
      .finally(() => {
        lane.waiting--;
      });
    if (lane.waiting > MAX_WAITING) await lane.tail;
  }

  function refuseAfterFailure(): void {
    if (failure !== undefined) throw failure.error;
  }

  return {
    async push(event) {
      refuseAfterFailure();
      const lane = lanes[hash32(event.person) % lanes.length] as Lane;
      if (lane.bytes + event.bytes > MAX_BATCH_BYTES) await flush(lane);
      lane.filling.push(event);
      lane.bytes += event.bytes;
      next = event.index + 1;
      if (lane.filling.length >= options.batch) await flush(lane);
      const oldest = next - PATIENCE_ROUNDS * options.batch * lanes.length;
      for (const other of lanes) {
        const first = other.filling[0];
        if (first !== undefined && first.index < oldest) await flush(other);
      }
      refuseAfterFailure();
    },
    skip(index) {
      next = index + 1;
    },
    async finish() {
      for (const lane of lanes) await flush(lane);
      await Promise.all(lanes.map((lane) => lane.tail));
      refuseAfterFailure();
      options.onProgress(watermark());
    },
  };
}
