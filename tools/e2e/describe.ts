import { describe, expect, test } from "vitest";

import { SERVER_KINDS, whyMissing } from "@signalpath/real-servers/binaries.ts";

/** A suite that starts all three servers for itself; without one it is skipped by name. */
export function describeWithBinaries(name: string, suite: () => void): void {
  const missing = SERVER_KINDS.map((kind) => whyMissing(kind)).filter((why) => why !== undefined);
  if (missing.length === 0) {
    describe(name, () => {
      suite();
    });
    return;
  }
  const why = missing.join("; ");
  if (process.env["REQUIRE_SERVERS"] === "1") {
    test(name, () => expect.fail(`REQUIRE_SERVERS=1, but ${why}`));
    return;
  }
  test(`${name} [${why}]`, ({ skip }) => skip());
}
