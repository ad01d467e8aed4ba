import { createManualClock } from "@signalpath/ports";
import { createLogger } from "@signalpath/service-kit";
import { expect, test } from "vitest";

import { createEventMaps } from "./event-maps.ts";

test("a map is read again after ten seconds, and after the clock was put back", async () => {
  const clock = createManualClock();
  let reads = 0;
  const projects = { eventMap: async () => void reads++ };
  const logger = createLogger({ service: "test", level: "silent" });
  const maps = createEventMaps({ projects, now: clock.now, logger });
  const readsAfter = async (ms: number): Promise<number> => {
    clock.advance(ms);
    await maps.of(1);
    return reads;
  };
  expect(await readsAfter(3_600_000)).toBe(1);
  expect(await readsAfter(9_999)).toBe(1);
  expect(await readsAfter(1)).toBe(2);
  expect(await readsAfter(-3_600_000)).toBe(3);
});
