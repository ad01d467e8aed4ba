import { expect, it } from "vitest";

import { createManualClock } from "../clock/memory.ts";
import { rateLimiterContract } from "./contract.ts";
import { createMemoryRateLimiter } from "./memory.ts";

rateLimiterContract(async () => {
  const limiter = createMemoryRateLimiter({ now: createManualClock().now });
  return [limiter, limiter];
});

it("forgets the budget that was untouched for longest, never another", async () => {
  const limiter = createMemoryRateLimiter({ now: () => 0, maxBudgets: 2 });
  const charge = (key: string) => limiter.charge({ key, limit: 2, period_ms: 1_000, cost: 1 });
  for (const key of ["a", "b", "a", "c"]) await charge(key);
  expect(await charge("a")).toMatchObject({ allowed: false });
  expect(await charge("b")).toMatchObject({ remaining: 1 });
});
