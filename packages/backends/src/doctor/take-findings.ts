import { ConfigError } from "@signalpath/ports";

import { isProduction, type BackendSettings, type Opening } from "../opening.ts";
import { reasonsOf, type Finding } from "./finding.ts";

/**
 * What a start does with findings: one line each, and in production none that is refused.
 * @throws ConfigError with every reason.
 */
export function takeFindings(
  findings: readonly Finding[],
  settings: Pick<BackendSettings, "NODE_ENV">,
  opening: Pick<Opening, "warn">,
): void {
  const reasons = isProduction(settings) ? reasonsOf(findings) : [];
  if (reasons.length > 0) throw new ConfigError(reasons);
  for (const { about, verdict, what } of findings) {
    if (verdict !== "ok") opening.warn(`${about}: ${what}`);
  }
}
