import { describe, expect, inject, test } from "vitest";

import { whyMissing, type ServerKind } from "./binaries.ts";
import type { ServerStates } from "./start-all.ts";

declare module "vitest" {
  export interface ProvidedContext {
    servers: ServerStates;
  }
}

/**
 * A suite that needs the run's shared server of one kind. The server is shared by all test files:
 * keep apart by key prefix, subject or database name. Without a server the suite is skipped and
 * says so by name; with REQUIRE_SERVERS=1 it fails instead.
 */
export function describeWithServers(
  kind: ServerKind,
  name: string,
  suite: (url: string) => void,
): void {
  const state = inject("servers")[kind];
  if (state.url !== undefined) {
    const { url } = state;
    describe(`${name} [${kind}]`, () => {
      suite(url);
    });
    return;
  }
  without(kind, name, state.why);
}

/** A suite that starts servers of its own (to kill them): needs the binary, not the shared one. */
export function describeWithBinary(kind: ServerKind, name: string, suite: () => void): void {
  const missing = whyMissing(kind);
  if (missing === undefined)
    describe(`${name} [own ${kind}]`, () => {
      suite();
    });
  else without(kind, name, missing);
}

function without(kind: ServerKind, name: string, why: string): void {
  if (process.env["REQUIRE_SERVERS"] === "1") {
    test(`${name} [${kind}]`, () => expect.fail(`REQUIRE_SERVERS=1, but no ${kind}: ${why}`));
    return;
  }
  console.warn(`skipped: ${name}: no ${kind}: ${why}`);
  test(`${name} [no ${kind}: ${why.split("\n", 1)[0]}]`, ({ skip }) => skip());
}
