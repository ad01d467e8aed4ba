import type { ModelVersion } from "./port.ts";

export function sameVersion(a: ModelVersion, b: ModelVersion): boolean {
  return (
    a.revision === b.revision &&
    a.contentVersion === b.contentVersion &&
    a.signalsVersion === b.signalsVersion
  );
}

/** True when `next` may replace `stored`: no part of it is smaller. */
export function supersedes(next: ModelVersion, stored: ModelVersion): boolean {
  return (
    next.revision >= stored.revision &&
    next.contentVersion >= stored.contentVersion &&
    next.signalsVersion >= stored.signalsVersion
  );
}
