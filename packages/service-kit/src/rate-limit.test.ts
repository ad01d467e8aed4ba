import { createManualClock } from "@signalpath/ports";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createRateLimiter, parseRateLimit } from "./rate-limit.ts";

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

describe("createRateLimiter", () => {
  it("allows the burst, refuses the next, and says when", () => {
    const clock = createManualClock();
    const take = createRateLimiter({ count: 3, windowMs: 60_000 }, clock.now);
    expect([take("a"), take("a"), take("a")].map((one) => one.remaining)).toEqual([2, 1, 0]);
    const refused = take("a");
    expect(refused).toMatchObject({ allowed: false, retryAfterSeconds: 20 });
    expect(take("b").allowed).toBe(true);
    clock.advance(20_000);
    expect(take("a").allowed).toBe(true);
  });

  it("never allows more than burst plus refill, however calls are spaced", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 20 }), (steps, count) => {
        const clock = createManualClock(0);
        const take = createRateLimiter({ count, windowMs: 10_000 }, clock.now);
        let allowed = 0;
        for (const step of steps) {
          clock.advance(step);
          if (take("x").allowed) allowed++;
        }
        expect(allowed).toBeLessThanOrEqual(count + (clock.now() / 10_000) * count + 1e-6);
      }),
    );
  });
});
