import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { plantedRows } from "@signalpath/domain";
import { createRandom } from "@signalpath/models";
import { afterEach, beforeEach, expect, it } from "vitest";

import { runCli } from "../../app.ts";
import { EXIT } from "../../exit-codes.ts";
import { createTestIo } from "../../test-server.ts";
import type { PipelineReport } from "./evaluate-pipeline.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "signalpath-pipeline-"));
});
afterEach(async () => {
  // A run that was cut off takes its standalone with it first.
  await running;
  await rm(dir, { recursive: true });
}, 60_000);

let running: Promise<number> | undefined;

/** People of four tastes: whoever sees the tastes beats the popular list. */
async function plantedFile(): Promise<string> {
  const path = join(dir, "planted.csv");
  const rows = plantedRows({
    users: 60,
    items: 80,
    interactions: 1_200,
    groups: 4,
    structure: 0.95,
    random: createRandom(5, "planted"),
  });
  const lines = [...rows].map(
    ({ user_id, item_id, time }) => `${user_id},${item_id},${1_700_000_000 + time / 1_000}`,
  );
  await writeFile(path, ["user_id,item_id,timestamp", ...lines].join("\n"));
  return path;
}

it("what people are shown with a trained model beats the popular list and comes near the trainer's", async ({
  signal,
}) => {
  const page = join(dir, "page.html");
  const io = { ...createTestIo(), now: Date.now, sleep: (ms: number) => sleep(Math.min(ms, 100)) };
  const flags = ["--pipeline", "--steps", "4", "--threads", "1", "--html", page, "--json"];
  signal.addEventListener("abort", () => io.stop.abort());
  running = runCli(["evaluate", await plantedFile(), ...flags], io);
  const code = await running;
  expect(code, io.stderr()).toBe(EXIT.ok);
  const report = JSON.parse(io.stdout()) as PipelineReport;
  const { trained } = report;
  expect(report).toMatchObject({ rows: 1_200, users: 60, url: null, steps: 4, late: 0 });
  expect(trained).toMatchObject({
    kind: "ease",
    parameters: { half_life_items: 5 },
    late: 0,
    // Likes alone: the archive counts every row of the training part.
    versions: {
      archive: { version: 1, data_rows: trained?.split.train_rows },
      file: { version: 2, data_rows: trained?.split.train_rows },
    },
  });
  const names = ["pipeline, archive", "pipeline, file"];
  for (const name of names) {
    const list = trained?.lists.find((one) => one.name === name);
    expect(list?.share["ndcg@20"]).toBeGreaterThan(90);
    const against = trained?.differences.find(
      ({ first, second }) => first === name && second === "popular",
    );
    expect(against?.verdict).toBe("ahead");
  }
  const html = await readFile(page, "utf8");
  expect(html).toContain("Lists with a trained model live");
  expect(html).toContain("hr@10 of the item that came next");
}, 420_000);
