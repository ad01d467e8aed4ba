import { hash } from "node:crypto";

import type { RateCharge, RateDecision, RateLimiter } from "@signalpath/ports";

import type { RedisClient } from "./client.ts";
import { groupCharges } from "./group-charges.ts";
import { budgetKey, DEFAULT_PREFIX } from "./keys.ts";
import { run, script } from "./script.ts";

/**
 * KEYS budget. ARGV limit, period ms, cost, 1 to spend, now in ms or empty for the server's clock.
 * Answers allowed, remaining, retry after ms, reset ms. The same arithmetic as the memory keeper's.
 */
const CHARGE = script(`
local limit, period, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = tonumber(ARGV[5])
if not now then
  local t = redis.call('TIME')
  now = t[1] * 1000 + t[2] / 1000
end
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = 0, now
if kept[1] then
  at = math.max(tonumber(kept[2]), now)
  level = math.max(0, tonumber(kept[1]) - (at - tonumber(kept[2])) * limit / period)
end
local function ms(items)
  return math.max(0, math.ceil((items - 1e-6) * period / limit))
end
local over = level + cost - limit
local allowed = over <= 1e-6
if allowed and ARGV[4] == '1' then
  level = level + cost
  if cost > 0 then
    redis.call('HSET', KEYS[1], 'level', string.format('%.17g', level),
      'at', string.format('%.17g', at))
    redis.call('PEXPIRE', KEYS[1], math.ceil(level * period / limit) + 1000)
  end
end
local remaining = math.max(0, math.floor(limit - level + 1e-6))
return {allowed and 1 or 0, remaining, allowed and 0 or ms(over), ms(level)}
`);

/**
 * Rate budgets on Redis 7, on the server's clock: one call a charge, or one for all charges of a
 * budget that came while the last call was out. Throws UnavailableError.
 */
export function createRedisRateLimiter(
  client: RedisClient,
  options: { prefix?: string } = {},
): RateLimiter {
  const { prefix = DEFAULT_PREFIX } = options;

  async function ask(charge: RateCharge, spends: boolean): Promise<RateDecision> {
    const { limit, period_ms: period, cost, now } = charge;
    const name = hash("sha256", charge.key, "base64url");
    const args = [limit, period, cost, spends ? 1 : 0, now ?? ""];
    const answer = (await run(client, CHARGE, [budgetKey(prefix, name)], args)) as number[];
    const [allowed = 0, remaining = 0, retryAfterMs = 0, resetMs = 0] = answer;
    return {
      allowed: allowed === 1,
      remaining,
      retry_after_ms: retryAfterMs,
      reset_ms: resetMs,
    };
  }

  return {
    charge: groupCharges((charge) => ask(charge, true)),
    peek: (charge) => ask(charge, false),
  };
}
