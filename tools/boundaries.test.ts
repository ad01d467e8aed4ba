import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const fixture = fileURLToPath(new URL("fixtures/boundaries", import.meta.url));
const turbo = `${root}node_modules/.bin/turbo`;

function boundaries(folder: string) {
  return spawnSync(turbo, ["boundaries", "--cwd", folder, "--no-color"], {
    encoding: "utf8",
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });
}

function rulesOf(folder: string): unknown {
  return (JSON.parse(readFileSync(`${folder}/turbo.json`, "utf8")) as { boundaries: unknown })
    .boundaries;
}

describe("turbo boundaries", () => {
  it("objects when a port depends on an adapter", () => {
    const done = boundaries(fixture);
    expect(done.status).toBe(1);
    expect(done.stdout + done.stderr).toContain("@fixture/outer");
  });

  it("tries the fixture with the rules of the house", () => {
    expect(rulesOf(fixture)).toEqual(rulesOf(root));
  });
});
