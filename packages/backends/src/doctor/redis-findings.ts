import type { Finding } from "./finding.ts";

/**
 * What the warnings of a Redis mean. Without an append-only file it forgets at a crash: refused.
 * One that refuses CONFIG, as managed ones do, has to be looked at by a person: a warning.
 */
export function redisFindings(warnings: readonly string[]): Finding[] {
  if (warnings.length === 0) {
    return [
      { about: "redis", verdict: "ok", what: "keeps an append-only file and evicts nothing" },
    ];
  }
  return warnings.map((what) => ({
    about: "redis",
    verdict: what.startsWith("appendonly") ? "refused" : "warning",
    what,
  }));
}
