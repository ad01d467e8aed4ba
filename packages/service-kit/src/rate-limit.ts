import { UnavailableError, type RateDecision, type RateLimiter } from "@signalpath/ports";

import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";

/** `100/minute`: how many in how long. */
export interface RateLimit {
  count: number;
  windowMs: number;
}

const UNITS: Record<string, number> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** Reads `N/second|minute|hour|day`; undefined when it is not of that form. */
export function parseRateLimit(text: string): RateLimit | undefined {
  const match = /^(\d{1,9})\s*(?:\/|per)\s*(second|minute|hour|day)s?$/.exec(text.trim());
  const windowMs = UNITS[match?.[2] ?? ""];
  const count = Number(match?.[1]);
  return windowMs === undefined || !(count > 0) ? undefined : { count, windowMs };
}

/** One named limit, kept apart for each subject (a key id, an address). */
export interface RateBudget {
  /** Charges and counts the decision. */
  charge(subject: string, cost?: number): Promise<RateDecision | undefined>;
  /** What a charge would decide, counted; spends nothing. */
  look(subject: string, cost?: number): Promise<RateDecision | undefined>;
  /** Charges without asking whether it is allowed, and without counting a decision. */
  spend(subject: string, cost?: number): Promise<void>;
}

/**
 * A limit over the limiter that all processes share. While the limiter cannot be asked its calls
 * answer undefined, which callers take for allowed: a limit must not take the service down with it.
 * That is logged and counted as `unavailable`. Where there is a fallback it decides meanwhile.
 * @param options.name in metrics and in the limiter's keys: `recommend`.
 */
export function createRateBudget(
  deps: { limiter: RateLimiter; fallback?: RateLimiter; metrics: Metrics; logger: Logger },
  options: { name: string; limit: RateLimit },
): RateBudget {
  const { limiter, logger } = deps;
  const { name, limit } = options;
  const decisions = deps.metrics.counter(
    "ratelimit_decisions_total",
    "Decisions of rate limits; unavailable: nobody could be asked, so it was let through",
    ["limit", "decision"],
  );

  async function ask(verb: "charge" | "peek", subject: string, cost: number) {
    const key = `${name}:${subject}`;
    const charge = { key, limit: limit.count, period_ms: limit.windowMs, cost };
    try {
      return await limiter[verb](charge);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      logger.warn({ err: error, limit: name }, "a rate limit could not be asked");
      return deps.fallback?.[verb](charge);
    }
  }

  async function counted(verb: "charge" | "peek", subject: string, cost: number) {
    const decision = await ask(verb, subject, cost);
    const allowed = decision?.allowed === true ? "allowed" : "refused";
    decisions.inc({ limit: name, decision: decision === undefined ? "unavailable" : allowed });
    return decision;
  }

  return {
    charge: (subject, cost = 1) => counted("charge", subject, cost),
    look: (subject, cost = 1) => counted("peek", subject, cost),
    spend: async (subject, cost = 1) => void (await ask("charge", subject, cost)),
  };
}
