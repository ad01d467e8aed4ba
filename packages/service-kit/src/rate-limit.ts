import { LRUCache } from "lru-cache";

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

export interface RateDecision {
  allowed: boolean;
  remaining: number;
  /** Until one more is allowed, seconds. */
  retryAfterSeconds: number;
}

/**
 * Generic cell rate algorithm (GCRA, ITU-T I.371) with burst = count, in this process. Keeps one
 * theoretical arrival time a subject, for the 100,000 busiest.
 */
export function createRateLimiter(limit: RateLimit, now: () => number) {
  const arrivals = new LRUCache<string, number>({ max: 100_000 });
  const interval = limit.windowMs / limit.count;
  return (subject: string, cost = 1): RateDecision => {
    const at = now();
    const tat = Math.max(arrivals.get(subject) ?? at, at);
    const next = tat + cost * interval;
    const wait = next - at - limit.windowMs;
    if (wait > 1e-6) {
      return { allowed: false, remaining: 0, retryAfterSeconds: Math.ceil(wait / 1_000) };
    }
    arrivals.set(subject, next);
    return {
      allowed: true,
      remaining: Math.max(0, Math.floor((limit.windowMs - (next - at)) / interval)),
      retryAfterSeconds: 0,
    };
  };
}
