import { createRandom } from "./random.ts";
import type { Step } from "./steps.ts";

/** An updater stops somewhere in a rebuild, the person is erased, then it goes on. */
export function pausedRebuildOf(seed: number): Step[] {
  const random = createRandom(seed);
  return [
    likeOf("e0", -1_000),
    { do: "rest" },
    { do: "rebuild", worker: 0, who: "u0" },
    ...pauseAfter(random.int(12)),
    { do: "erase", who: "u0" },
    { do: "rest" },
  ];
}

/**
 * An updater stops somewhere between reading the archive and filling a buffer; another one adds
 * an event, the buffer is evicted, then the first goes on.
 */
export function pausedFillingOf(seed: number): Step[] {
  const random = createRandom(seed);
  return [
    { do: "rest" },
    likeOf("e0", -1_000),
    likeOf("e1", -500),
    { do: "deliver", worker: 0, durable: 0, count: 1, shuffle: 0 },
    ...pauseAfter(random.int(6)),
    { do: "deliver", worker: 1, durable: 0, count: 1, shuffle: 0 },
    { do: "turn", pick: 0, more: 16, fate: "done" },
    { do: "evict", key: 0 },
    { do: "rest" },
  ];
}

/** An updater stops before it saves; another one adds an event and saves; then the first goes on. */
export function pausedSaveOf(seed: number): Step[] {
  return pausedFillingOf(seed).filter((step) => step.do !== "evict");
}

function likeOf(event_id: string, offsetMs: number): Step {
  const said = { event_id, offsetMs, kind: "feedback", reaction: "like", item_id: "i0" } as const;
  return { do: "publish", copies: 1, said: { ...said, user_id: "u0" } };
}

/** The first call that waits after `calls` others is put aside. */
function pauseAfter(calls: number): Step[] {
  const turn: Step = { do: "turn", pick: 0, more: 0, fate: "done" };
  return [...Array.from({ length: calls }, () => turn), { do: "hold", pick: 0 }];
}
