import { headers, ServiceError } from "@signalpath/contracts";
import { setHeader, type RateBudget, type RateLimit } from "@signalpath/service-kit";
import type { Context } from "hono";

/** Charges predictions to an API key. */
export type Charge = (c: Context, keyId: number, cost: number) => Promise<void>;

const UNITS: readonly [ms: number, name: string][] = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1_000, "second"],
];

/** `100 per 1 minute`. */
export function limitText({ count, windowMs }: RateLimit): string {
  const [ms, name] = UNITS.find(([unit]) => windowMs % unit === 0) ?? [1_000, "second"];
  return `${count} per ${windowMs / ms} ${name}`;
}

/**
 * A limit per API key, whatever it asks for, told in `RateLimit` and `RateLimit-Policy` (IETF draft
 * httpapi-ratelimit-headers). A batch that is larger than the limit takes all of it. Nothing is
 * charged or said while the limiter cannot be asked.
 * @throws (the returned function) ServiceError RATE_LIMITED.
 */
export function createCharge(limit: RateLimit, budget: RateBudget): Charge {
  const seconds = Math.ceil(limit.windowMs / 1_000);
  const policy = `"key";q=${limit.count};w=${seconds}`;
  const text = `Rate limit exceeded: ${limitText(limit)}`;
  return async (c, keyId, cost) => {
    const decision = await budget.charge(String(keyId), Math.min(cost, limit.count));
    if (decision === undefined) return;
    const { allowed, remaining, reset_ms, retry_after_ms } = decision;
    const wait = Math.ceil((allowed ? reset_ms : retry_after_ms) / 1_000);
    setHeader(c, headers.rateLimitPolicy, policy);
    setHeader(c, headers.rateLimit, `"key";r=${remaining};t=${wait}`);
    if (!allowed) throw new ServiceError("RATE_LIMITED", text, { retryAfterSeconds: wait });
  };
}
