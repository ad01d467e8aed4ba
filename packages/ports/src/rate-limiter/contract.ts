import { randomUUID } from "node:crypto";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createMemoryRateLimiter } from "./memory.ts";
import type { RateLimiter } from "./port.ts";

const START = Date.UTC(2026, 5, 12, 12);

/**
 * Every promise of `RateLimiter`.
 * @param make two clients of the same keeper
 */
export function rateLimiterContract(make: () => Promise<readonly [RateLimiter, RateLimiter]>) {
  describe("RateLimiter", () => {
    it("allows the burst, refuses the next at no cost, says when, refills evenly", async () => {
      const [limiter] = await make();
      const budget = { key: randomUUID(), limit: 3, period_ms: 60_000, cost: 1 };
      const at = (ms: number) => limiter.charge({ ...budget, now: START + ms });
      expect(await at(0)).toEqual(verdict(true, 2, 0, 20_000));
      expect(await at(0)).toEqual(verdict(true, 1, 0, 40_000));
      expect(await at(0)).toEqual(verdict(true, 0, 0, 60_000));
      expect(await at(0)).toEqual(verdict(false, 0, 20_000, 60_000));
      expect(await at(5_000)).toEqual(verdict(false, 0, 15_000, 55_000));
      expect(await at(20_000)).toEqual(verdict(true, 0, 0, 60_000));
      expect(await at(200_000)).toEqual(verdict(true, 2, 0, 20_000));
    });

    it("charges a batch whole or not at all; more than the limit never fits", async () => {
      const [limiter] = await make();
      const budget = { key: randomUUID(), limit: 10, period_ms: 1_000, now: START };
      expect(await limiter.charge({ ...budget, cost: 8 })).toMatchObject({ remaining: 2 });
      const refused = await limiter.charge({ ...budget, cost: 4 });
      expect(refused).toEqual(verdict(false, 2, 200, 800));
      expect(await limiter.charge({ ...budget, cost: 2 })).toMatchObject({ allowed: true });
      const later = { ...budget, now: START + 10_000 };
      expect(await limiter.charge({ ...later, cost: 11 })).toMatchObject({ allowed: false });
      expect(await limiter.charge({ ...later, cost: 0 })).toEqual(verdict(true, 10, 0, 0));
    });

    it("peeks without spending", async () => {
      const [limiter] = await make();
      const one = { key: randomUUID(), limit: 1, period_ms: 1_000, cost: 1, now: START };
      expect(await limiter.peek(one)).toEqual(verdict(true, 1, 0, 0));
      expect(await limiter.peek(one)).toEqual(verdict(true, 1, 0, 0));
      await limiter.charge(one);
      expect(await limiter.peek(one)).toEqual(verdict(false, 0, 1_000, 1_000));
    });

    it("keeps budgets apart, whatever their names", async () => {
      const [limiter] = await make();
      const run = randomUUID();
      const names = ["", ":", "{}", "\u0000*", "é\n", "x".repeat(9e3)];
      for (const key of names) {
        const one = { key: run + key, limit: 1, period_ms: 60_000, cost: 1, now: START };
        expect(await limiter.charge(one)).toMatchObject({ allowed: true });
        expect(await limiter.charge(one)).toMatchObject({ allowed: false });
      }
    });

    it("goes by its own clock unless told the time", async () => {
      const [limiter] = await make();
      const one = { key: randomUUID(), limit: 1, period_ms: 3_600_000, cost: 1 };
      expect(await limiter.charge(one)).toMatchObject({ allowed: true });
      expect(await limiter.charge(one)).toMatchObject({ allowed: false });
    });

    it("gives two clients one budget, also when they charge at once", async () => {
      const clients = await make();
      const one = { key: randomUUID(), limit: 25, period_ms: 60_000, cost: 1, now: START };
      const calls = Array.from({ length: 80 }, (_, i) => clients[(i % 2) as 0 | 1].charge(one));
      const allowed = (await Promise.all(calls)).filter((decision) => decision.allowed);
      expect(allowed).toHaveLength(25);
      expect(allowed.map((decision) => decision.remaining).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 25 }, (_, i) => i),
      );
    });

    it("never allows more than burst plus refill, refills nothing when time goes back, and all keepers decide alike", async () => {
      const [limiter] = await make();
      const steps = fc.array(
        fc.record({
          gap: fc.integer({ min: -500, max: 5_000 }),
          cost: fc.nat(4),
          peek: fc.boolean(),
        }),
        { maxLength: 40 },
      );
      const property = fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 20 }),
        async (all, limit) => {
          const oracle = createMemoryRateLimiter({ now: () => START });
          const key = randomUUID();
          let now = START;
          // A budget is full when it is first asked, which may be before START.
          const first = START + (all[0]?.gap ?? 0);
          let latest = first;
          let spent = 0;
          for (const { gap, cost, peek } of all) {
            now += gap;
            latest = Math.max(latest, now);
            const charge = { key, limit, period_ms: 10_000, cost, now };
            const verb = peek ? "peek" : "charge";
            const decision = await limiter[verb](charge);
            expect(decision).toEqual(await oracle[verb](charge));
            if (decision.allowed && !peek) spent += cost;
          }
          expect(spent).toBeLessThanOrEqual(limit + ((latest - first) / 10_000) * limit + 1e-3);
        },
      );
      await fc.assert(property, { numRuns: 40 });
    });
  });
}

function verdict(allowed: boolean, remaining: number, retryAfterMs: number, resetMs: number) {
  return { allowed, remaining, retry_after_ms: retryAfterMs, reset_ms: resetMs };
}
