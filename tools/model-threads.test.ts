import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A program that trains on two threads and prints what it recommends. */
const program = `
import { buildInteractions, ease } from ${JSON.stringify(join(root, "packages/models/src/index.ts"))};
const rows = ["ua", "ub", "va", "vb", "wa"].map((pair) => (
  { user_id: pair[0] as string, item_id: pair[1] as string, weight: 1 }));
const model = await ease.train(buildInteractions(rows), { lambda: 1 }, { random: () => 0.5, workers: 2 });
console.log(ease.score(model, { user: "w" }, { k: 3 }).map((item) => item.item_id).join());
`;

describe("worker threads of training", () => {
  let app = "";
  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), "signalpath-threads-"));
    await mkdir(join(app, "src"));
    await writeFile(join(app, "package.json"), '{"type":"module"}');
    await writeFile(join(app, "src/main.ts"), program);
  });
  afterAll(() => rm(app, { recursive: true, force: true }));

  it("start from source, as in development", () => {
    const done = spawnSync(process.execPath, ["--import", "tsx", join(app, "src/main.ts")], {
      cwd: root,
      encoding: "utf8",
    });
    expect(done).toMatchObject({ stderr: "", stdout: "b\n", status: 0 });
  }, 60_000);

  it("start from a bundle, whose folder holds their file", () => {
    const out = join(app, "dist");
    const built = spawnSync(process.execPath, [join(root, "tools/build-app.mjs"), out], {
      cwd: app,
      encoding: "utf8",
    });
    expect(built.stderr).toBe("");
    expect(existsSync(join(out, "models.worker.mjs"))).toBe(true);
    const done = spawnSync(process.execPath, [join(out, "main.mjs")], { encoding: "utf8" });
    expect(done).toMatchObject({ stderr: "", stdout: "b\n", status: 0 });
  }, 60_000);
});
