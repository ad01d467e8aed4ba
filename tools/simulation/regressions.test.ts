import { describe, expect, test } from "vitest";

import { runSteps } from "./run.ts";
import { pausedFillingOf, pausedRebuildOf } from "./shapes.ts";
import type { Said, Step } from "./steps.ts";

const DAY = 24 * 3_600_000;

const publish = (said: Partial<Said>): Step => ({
  do: "publish",
  copies: 1,
  said: { event_id: "e0", offsetMs: -1_000, kind: "feedback", reaction: "like", ...said },
});
const turn = (more: number, fate: "done" | "lost" = "done"): Step => ({
  do: "turn",
  pick: 0,
  more,
  fate,
});
const deliver = (worker: number, durable: number): Step => ({
  do: "deliver",
  worker,
  durable,
  count: 1,
  shuffle: 0,
});

/** Schedules that once went wrong, in their shortest form. */
const SCHEDULES: Record<string, Step[]> = {
  "an event older than a buffer lives comes again": [
    publish({ anonymous_id: "a0", item_id: "i1" }),
    { do: "advance", ms: 31 * DAY },
    publish({ anonymous_id: "a0", item_id: "i1", reaction: "click", user_id: "u1" }),
  ],
  "the first reading of the catalogue fails": [
    turn(0, "lost"),
    publish({ anonymous_id: "a1", item_id: "i3" }),
  ],
  "a move stops half-way and its people are erased": [
    { do: "rest" },
    publish({ user_id: "u0", anonymous_id: "a0", item_id: "i1" }),
    deliver(1, 0),
    { do: "erase", who: "u0" },
    { do: "turn", pick: 46, more: 2, fate: "done" },
    { do: "crash", worker: 1 },
  ],
  "an updater behind in content meets a model whose buffer has expired": [
    publish({ user_id: "u1", item_id: "i2", offsetMs: 240_001 }),
    { do: "advance", ms: 31 * DAY },
    { do: "crash", worker: 1 },
    { do: "refresh", who: "u1" },
    { do: "content", item: "i2", label: "red" },
    { do: "hold", pick: 18 },
  ],
  "a rollback brings an erased person's linked id back": [
    publish({ anonymous_id: "a2", item_id: "i1" }),
    { do: "rest" },
    { do: "snapshot" },
    publish({ event_id: "e1", user_id: "u1", anonymous_id: "a2", item_id: "i1" }),
    { do: "rest" },
    { do: "erase", who: "u1" },
    { do: "rest" },
    { do: "rollback" },
  ],
};

describe("schedules that once went wrong", () => {
  test.each(Object.entries(SCHEDULES))("%s", async (_, steps) => {
    expect((await runSteps(steps)).problems).toEqual([]);
  });

  test.each([
    ["a rebuild that an erasure overtakes", pausedRebuildOf],
    ["a filling that outlives its buffer", pausedFillingOf],
  ])("%s, stopped at any call", async (_, plan) => {
    for (let seed = 0; seed < 60; seed++) {
      expect((await runSteps(plan(seed))).problems, `seed ${seed}`).toEqual([]);
    }
  });
});
