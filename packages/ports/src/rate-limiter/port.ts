/** What may be spent: `limit` in `period_ms`, all of it at once if it was saved up. */
export interface RateBudget {
  /** Names the budget and whose it is: `inference:7`. Hostile text is fine. */
  key: string;
  /** Positive integer. */
  limit: number;
  /** Milliseconds in which an empty budget fills up again. */
  period_ms: number;
  /** Milliseconds since 1970; absent = the keeper's own clock. One budget keeps to one of both. */
  now?: number;
}

export interface RateCharge extends RateBudget {
  /** Integer from 0; more than `limit` is never allowed. */
  cost: number;
}

export interface RateDecision {
  allowed: boolean;
  /** What may be spent at once now: after the charge when it was allowed. */
  remaining: number;
  /** Until the same charge would be allowed, milliseconds; 0 when it was. */
  retry_after_ms: number;
  /** Until the budget is full again, milliseconds. */
  reset_ms: number;
}

/**
 * Budgets that refill evenly: the generic cell rate algorithm (ITU-T I.371) in its form as a
 * continuous-state leaky bucket, with burst = limit. In any stretch of t milliseconds at most
 * `limit + limit * t / period_ms` is allowed, however many processes charge.
 * - a refused charge costs nothing
 * - a budget that nobody charged for `period_ms` is full and takes no room
 * - a clock that goes back refills nothing
 */
export interface RateLimiter {
  charge(charge: RateCharge): Promise<RateDecision>;
  /** What `charge` would decide; spends nothing, `remaining` is before the charge. */
  peek(charge: RateCharge): Promise<RateDecision>;
}
