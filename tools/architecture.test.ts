import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { checkArchitecture, RULES } from "./architecture/rules.ts";
import { readSources } from "./architecture/source.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const fixtures = fileURLToPath(new URL("fixtures/architecture", import.meta.url));

describe("architecture", () => {
  it("sees the whole house", () => {
    const rooms = new Set(
      readSources(root).map((file) => file.path.split("/").slice(0, 2).join("/")),
    );
    for (const room of ["packages/domain", "packages/ports", "apps/standalone", "apps/cli"]) {
      expect(rooms).toContain(room);
    }
    expect(readSources(root).length).toBeGreaterThan(100);
  });

  it("is kept", () => {
    const found = checkArchitecture(readSources(root));
    expect(found.map((one) => `${one.path}: ${one.detail} (${one.rule})`)).toEqual([]);
  });

  // A rule that sees nothing would pass for ever: each has a tree that it must object to.
  it.each(Object.keys(RULES))("%s objects to its fixture, and to nothing else in it", (rule) => {
    const folder = join(fixtures, rule);
    expect(existsSync(folder), `no fixture for ${rule}`).toBe(true);
    const found = checkArchitecture(readSources(folder));
    expect(new Set(found.map((one) => one.rule))).toEqual(new Set([rule]));
  });
});
