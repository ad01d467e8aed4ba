import { createCountingIds, createManualClock } from "@signalpath/ports";
import { expect, it } from "vitest";

import { createHttpApp } from "./http-app.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";

it("a scrape asks the dependencies itself and says which are down", async () => {
  const clock = createManualClock();
  let broken = false;
  const check = async () => {
    if (broken) throw new Error("gone");
  };
  const app = createHttpApp({
    service: "test",
    version: "1",
    kit: {
      logger: createLogger({ service: "test", level: "silent" }),
      metrics: createMetrics("1"),
      now: clock.now,
      newId: createCountingIds(),
    },
    probes: [
      { name: "bus", check },
      { name: "archive", check: async () => {} },
    ],
    endpoints: [],
    state: () => "running",
  });
  const rows = async () => {
    clock.advance(1_000);
    const text = await (await app.request("/metrics")).text();
    return text.split("\n").filter((line) => line.startsWith("dependency_up{"));
  };
  expect(await rows()).toEqual(['dependency_up{name="bus"} 1', 'dependency_up{name="archive"} 1']);
  broken = true;
  expect(await rows()).toEqual(['dependency_up{name="bus"} 0', 'dependency_up{name="archive"} 1']);
});
