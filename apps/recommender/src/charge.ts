import { headers, ServiceError } from "@signalpath/contracts";
import { setHeader, type RateBudget, type RateLimit } from "@signalpath/service-kit";
import type { Context } from "hono";

/** Charges one request to an API key. */
export type Charge = (c: Context, keyId: number) => Promise<void>;

/**
 * A limit per API key, told in `RateLimit` and `RateLimit-Policy` (IETF draft
 * httpapi-ratelimit-headers); without a limit nothing is charged or said, nor while it cannot be
 * asked.
 * @throws (the returned function) ServiceError RATE_LIMITED.
 */
export function createCharge(
  limit: RateLimit | undefined,
  open: (limit: RateLimit) => RateBudget,
): Charge {
  if (limit === undefined) return async () => {};
  const budget = open(limit);
  const seconds = Math.ceil(limit.windowMs / 1_000);
  return async (c, keyId) => {
    const decision = await budget.charge(String(keyId));
    if (decision === undefined) return;
    const { allowed, remaining } = decision;
    const waitMs = allowed ? decision.reset_ms : decision.retry_after_ms;
    const wait = Math.ceil(waitMs / 1_000);
    setHeader(c, headers.rateLimitPolicy, `"key";q=${limit.count};w=${seconds}`);
    setHeader(c, headers.rateLimit, `"key";r=${remaining};t=${wait}`);
    if (allowed) return;
    throw new ServiceError("RATE_LIMITED", `rate limit exceeded: ${limit.count} in ${seconds} s`, {
      retryAfterSeconds: wait,
    });
  };
}
