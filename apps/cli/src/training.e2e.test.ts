import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { startStandalone, type StandaloneProcess } from "@signalpath/stack/standalone-process.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runCli } from "./app.ts";
import { EXIT } from "./exit-codes.ts";
import { createTestIo } from "./test-server.ts";

let standalone: StandaloneProcess;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "signalpath-cli-e2e-"));
  standalone = await startStandalone();
}, 120_000);
afterAll(async () => {
  await standalone?.stop();
  await rm(dir, { recursive: true });
}, 60_000);

type Answer = Record<string, unknown>;

async function run(...args: string[]): Promise<Answer> {
  const io = createTestIo({ SIGNALPATH_DATA_DIR: standalone.dataDir });
  const code = await runCli([...args, "--json"], { ...io, sleep: (ms) => sleep(ms / 20) });
  expect(code, io.stderr() + io.stdout()).toBe(EXIT.ok);
  return JSON.parse(io.stdout()) as Answer;
}

async function predicted(model: unknown): Promise<Response> {
  return fetch(`${standalone.url}/inference/predict/${String(model)}`, {
    method: "POST",
    headers: { "x-api-key": standalone.keys.api, "content-type": "application/json" },
    body: JSON.stringify({ user_id: "u1", cutoff: 3 }),
  });
}

// One story on one service: each step finds what the one before has left.
describe.sequential("signalpath train against a running service", () => {
  let model: unknown;

  it("uploads, trains to the end and says what was measured", async () => {
    const path = join(dir, "rows.csv");
    const rows = Array.from({ length: 30 }, (_, user) =>
      Array.from({ length: 8 }, (_, at) => {
        const item = (user % 2) * 50 + ((user + at) % 12);
        return `u${user},i${item},1,${1_700_000_000 + at * 60 + user}`;
      }).join("\n"),
    );
    await writeFile(path, ["user_id,item_id,weight,timestamp", ...rows].join("\n"));
    const data = await run("import", "interactions", path);
    expect(data).toMatchObject({ rows: 240, users: 30, items: 24 });
    const flags = ["--kind", "item-knn", "--split", "random", "--name", "from the terminal"];
    const trained = await run("train", "--data", String(data["id"]), ...flags);
    expect(trained).toMatchObject({ status: "COMPLETED", version: 1, data_rows: 240 });
    expect(trained["metrics"]).toMatchObject({ "ndcg@20": expect.any(Number) as number });
    model = trained["trained_model"];
  }, 120_000);

  it("a slot predicts with it", async () => {
    const slot = await run("slots", "set", "main", "--model", String(model), "--weight", "100");
    expect(slot).toMatchObject({ name: "main", trained_model: model, weight: 100 });
    const again = await run("slots", "set", "main", "--weight", "50");
    expect(again).toMatchObject({ id: slot["id"], weight: 50, trained_model: model });
  });

  it("its artefact is verified offline, registered again and an older version promoted", async () => {
    const shown = await run("models", "show", String(model));
    const file = join(standalone.dataDir, "media", String(shown["file"]));
    const verified = await run("models", "verify", file);
    expect(verified).toMatchObject({ verified: true, kind: "item-knn", sha256: shown["sha256"] });
    const row = await run("models", "register", file, "--model", String(model), "--serve");
    expect(row).toMatchObject({ trained_model: model, version: 2, serving: true });
    await expect
      .poll(async () => (await predicted(model)).status, { timeout: 20_000, interval: 200 })
      .toBe(200);
    expect(await run("models", "promote", String(model), "1")).toMatchObject({ version: 1 });
  }, 60_000);
});
