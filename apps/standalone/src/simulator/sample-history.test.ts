import {
  buildInteractions,
  compare,
  divide,
  fit,
  judgeLists,
  recommendBy,
} from "@signalpath/models";
import { expect, it } from "vitest";

import { seededRandom } from "./random.ts";
import { sampleHistory } from "./sample-history.ts";

it("the demo's item-knn is ahead of its popular list on what neither was fitted on", async () => {
  const rows = sampleHistory(seededRandom(11), Date.UTC(2026, 0, 1));
  const parts = divide(buildInteractions(rows), "random", 1);
  const options = { seed: 1, threads: 1, memoryLimitBytes: 2 ** 30 };
  const listsOf = async (kind: string) =>
    recommendBy(await fit({ kind, parameters: {} }, parts.train, options));
  const { each } = judgeLists(await listsOf("item-knn"), parts, { random: seededRandom(1) });
  const { verdict, difference } = compare(
    each,
    await listsOf("popular"),
    parts.tests,
    seededRandom(1),
  );
  expect(verdict).toBe("ahead");
  expect(difference.mean).toBeGreaterThan(0.1);
});
