import { describe, test } from "vitest";

/**
 * A suite that needs a Qdrant somebody else runs, named by QDRANT_URL. It cannot be installed from
 * Debian, so without one the suite is skipped by name, also with REQUIRE_SERVERS=1.
 */
export function describeWithQdrant(name: string, suite: (url: string) => void): void {
  const url = process.env["QDRANT_URL"];
  if (url === undefined || url === "") {
    test(`${name} [no qdrant: QDRANT_URL is unset]`, ({ skip }) => skip());
    return;
  }
  describe(`${name} [qdrant]`, () => {
    suite(url);
  });
}
