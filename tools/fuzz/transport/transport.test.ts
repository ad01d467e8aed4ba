import { expect, test } from "vitest";

import { runTransport } from "./run.ts";

test("ill-mannered clients are sent away, their neighbours answered, memory stays bounded", async () => {
  const { flaws, neighbour, peakRssGrowthMb } = await runTransport();
  expect(flaws).toEqual([]);
  expect(neighbour.sent).toBeGreaterThan(0);
  expect(neighbour.failed).toBe(0);
  // The bombs alone would be 320 MiB.
  expect(peakRssGrowthMb).toBeLessThan(1_024);
});
