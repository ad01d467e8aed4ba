import { createManualClock, createMemoryRateLimiter, UnavailableError } from "@signalpath/ports";
import { describe, expect, it } from "vitest";

import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { createRateBudget, parseRateLimit } from "./rate-limit.ts";

describe("parseRateLimit", () => {
  it.each([
    ["100/minute", { count: 100, windowMs: 60_000 }],
    ["5 per second", { count: 5, windowMs: 1_000 }],
    ["1/hours", { count: 1, windowMs: 3_600_000 }],
    ["0/minute", undefined],
    ["many/minute", undefined],
    ["10/fortnight", undefined],
  ])("%s", (text, expected) => expect(parseRateLimit(text)).toEqual(expected));
});

const logger = createLogger({ service: "test", level: "silent" });
const options = { name: "lists", limit: { count: 2, windowMs: 60_000 } };

describe("createRateBudget", () => {
  it("keeps subjects and names apart, and counts decisions, not what is merely spent", async () => {
    const { now } = createManualClock();
    const deps = { limiter: createMemoryRateLimiter({ now }), metrics: createMetrics("0"), logger };
    const budget = createRateBudget(deps, options);
    await budget.spend("a");
    expect(await budget.look("a")).toMatchObject({ allowed: true, remaining: 1 });
    expect(await budget.charge("a")).toMatchObject({ allowed: true, remaining: 0 });
    expect(await budget.charge("a")).toMatchObject({ allowed: false, retry_after_ms: 30_000 });
    expect(await budget.charge("b", 2)).toMatchObject({ allowed: true });
    const other = createRateBudget(deps, { ...options, name: "other" });
    expect(await other.look("a", 2)).toMatchObject({ allowed: true });
    const text = await deps.metrics.text();
    expect(text).toContain('ratelimit_decisions_total{limit="lists",decision="allowed"} 3');
    expect(text).toContain('ratelimit_decisions_total{limit="lists",decision="refused"} 1');
    expect(text).toContain('ratelimit_decisions_total{limit="other",decision="allowed"} 1');
  });

  it("lets through what nobody can judge, and says so", async () => {
    const down = async () => {
      throw new UnavailableError("redis", "gone");
    };
    const metrics = createMetrics("0");
    const budget = createRateBudget(
      { limiter: { charge: down, peek: down }, metrics, logger },
      options,
    );
    expect(await budget.charge("a")).toBeUndefined();
    expect(await budget.look("a")).toBeUndefined();
    await budget.spend("a");
    expect(await metrics.text()).toContain(
      'ratelimit_decisions_total{limit="lists",decision="unavailable"} 2',
    );
  });
});
