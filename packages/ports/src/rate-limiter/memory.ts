import type { Clock } from "../clock/port.ts";
import type { RateCharge, RateDecision, RateLimiter } from "./port.ts";

/** Far below one item and far above the rounding of a level. */
const TOLERANCE = 1e-6;

interface Level {
  /** Items that have not drained yet. */
  level: number;
  /** When it was so, milliseconds. */
  at: number;
}

export interface MemoryRateLimiterOptions {
  now: Clock;
  /** Budgets kept (default 100,000); the one untouched for longest is forgotten, hence full. */
  maxBudgets?: number;
}

/** Budgets in this process. */
export function createMemoryRateLimiter(options: MemoryRateLimiterOptions): RateLimiter {
  const { now, maxBudgets = 100_000 } = options;
  // In the order of their last charge.
  const levels = new Map<string, Level>();

  function keep(key: string, level: Level): void {
    levels.delete(key);
    levels.set(key, level);
    if (levels.size <= maxBudgets) return;
    const [oldest] = levels.keys();
    if (oldest !== undefined) levels.delete(oldest);
  }

  return {
    charge: async (charge) => {
      const level = drained(levels.get(charge.key), charge, charge.now ?? now());
      const decision = decide(level.level, charge, true);
      if (decision.allowed && charge.cost > 0) {
        keep(charge.key, { level: level.level + charge.cost, at: level.at });
      }
      return decision;
    },
    peek: async (charge) => {
      const level = drained(levels.get(charge.key), charge, charge.now ?? now());
      return decide(level.level, charge, false);
    },
  };
}

function drained(kept: Level | undefined, charge: RateCharge, now: number): Level {
  if (kept === undefined) return { level: 0, at: now };
  const at = Math.max(kept.at, now);
  const gone = ((at - kept.at) * charge.limit) / charge.period_ms;
  return { level: Math.max(0, kept.level - gone), at };
}

/** @param level items in the bucket before the charge */
function decide(level: number, charge: RateCharge, spends: boolean): RateDecision {
  const { limit, period_ms: period, cost } = charge;
  const over = level + cost - limit;
  const allowed = over <= TOLERANCE;
  const after = allowed && spends ? level + cost : level;
  const ms = (items: number) => Math.max(0, Math.ceil(((items - TOLERANCE) * period) / limit));
  return {
    allowed,
    remaining: Math.max(0, Math.floor(limit - after + TOLERANCE)),
    retry_after_ms: allowed ? 0 : ms(over),
    reset_ms: ms(after),
  };
}
