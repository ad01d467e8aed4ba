import { headers, ServiceError } from "@signalpath/contracts";
import type { Clock } from "@signalpath/ports";
import { createRateLimiter, type RateLimit } from "@signalpath/service-kit";
import type { Context } from "hono";

/** Charges one request to an API key. */
export type Charge = (c: Context, keyId: number) => void;

/**
 * A limit per API key, told in `RateLimit` and `RateLimit-Policy` (IETF draft
 * httpapi-ratelimit-headers); without a limit nothing is charged or said.
 * @throws (the returned function) ServiceError RATE_LIMITED.
 */
export function createCharge(limit: RateLimit | undefined, now: Clock): Charge {
  if (limit === undefined) return () => {};
  const limiter = createRateLimiter(limit, now);
  const seconds = Math.ceil(limit.windowMs / 1_000);
  return (c, keyId) => {
    const decision = limiter(String(keyId));
    const wait = decision.allowed ? seconds : decision.retryAfterSeconds;
    c.header(headers.rateLimitPolicy, `"key";q=${limit.count};w=${seconds}`);
    c.header(headers.rateLimit, `"key";r=${decision.remaining};t=${wait}`);
    if (decision.allowed) return;
    throw new ServiceError("RATE_LIMITED", `rate limit exceeded: ${limit.count} in ${seconds} s`, {
      retryAfterSeconds: decision.retryAfterSeconds,
    });
  };
}
