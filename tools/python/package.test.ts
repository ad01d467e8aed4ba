import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { describeWithPython, runPython } from "./python.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describeWithPython("the Python package", () => {
  it("passes its own tests, offline", async () => {
    const { code, stderr } = await runPython(["-m", "unittest", "discover", "-s", "python"]);
    expect(code, stderr).toBe(0);
    const ran = /^Ran (\d+) tests/m.exec(stderr)?.[1];
    expect(Number(ran)).toBeGreaterThan(70);
  }, 120_000);

  it("compiles", async () => {
    const cache = mkdtempSync(join(tmpdir(), "signalpath-python-"));
    try {
      // Compiled files go elsewhere: the checkout stays as it is.
      const env = { PYTHONPYCACHEPREFIX: cache };
      const { code, stdout } = await runPython(["-m", "compileall", "-q", "python"], { env });
      expect(code, stdout).toBe(0);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });

  it("has no compiled files under version control", () => {
    const listed = spawnSync("git", ["ls-files", "python"], { cwd: root, encoding: "utf8" });
    const files = listed.stdout.split("\n");
    // An export without history has nothing to say here.
    if (listed.status === 0) expect(files).toContain("python/pyproject.toml");
    expect(files.filter((file) => /\.pyc$|__pycache__/.test(file))).toEqual([]);
  });
});
