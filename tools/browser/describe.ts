import { describe, expect, test } from "vitest";

import { findChromium } from "./chromium.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

/** A test is many waits of a page, each as long as a busy machine needs. */
const TEST_MS = 240_000;

/**
 * A suite with one browser and one standalone on a data dir of its own, both started before its
 * first test and gone after its last. Every page a test opened is closed behind it, and an error on
 * its console fails that test. Without a browser the suite is skipped by name; with
 * REQUIRE_SERVERS=1 it fails instead.
 */
export function describeWithBrowser(
  name: string,
  options: WorldOptions,
  suite: (world: World) => void,
): void {
  if (findChromium() === undefined) {
    const why = "chromium not found in PATH";
    if (process.env["REQUIRE_SERVERS"] === "1") {
      test(name, () => expect.fail(`REQUIRE_SERVERS=1, but ${why}`));
      return;
    }
    test(`${name} [${why}]`, ({ skip }) => skip());
    return;
  }
  describe(`${name} [chromium]`, { timeout: TEST_MS }, () => {
    suite(createWorld(options));
  });
}
