import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { TrainingRow } from "@signalpath/ports";
import { describe, expect, it, onTestFinished } from "vitest";

import { openWorld, spec } from "./test-world.ts";

// Real ratings beside the checkout, where they are.
const file = fileURLToPath(
  new URL("../../../../shared/data/ml-latest-small/ratings.csv", import.meta.url),
);

function subsample(): TrainingRow[] {
  const [, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  const rows = lines.map((line) => {
    const [user_id = "", item_id = "", , time] = line.split(",");
    return { user_id, item_id, weight: 1, time: Number(time) * 1_000 };
  });
  const counts = new Map<string, number>();
  for (const { item_id } of rows) counts.set(item_id, (counts.get(item_id) ?? 0) + 1);
  return rows.filter((row) => Number(row.user_id) <= 200 && counts.get(row.item_id)! >= 30);
}

describe.skipIf(!existsSync(file))("on real ratings", () => {
  it("auto ends with a version that is well ahead of the popular list", async () => {
    const world = await openWorld();
    onTestFinished(() => world.close());
    const upload = await world.upload(subsample());
    const model = await world.model("auto");
    await world.start();
    const wish = spec({
      training_data_id: upload,
      kind: "auto",
      parameters: { kinds: ["popular", "item-knn", "rp3beta", "ease"] },
      promotion: "better",
    });
    const run = await world.over((await world.request(model.id, wish)).id);
    expect(run).toMatchObject({ status: "COMPLETED", error: null });
    const { baselines } = run.metrics["evaluation"] as {
      baselines: Record<string, { "ndcg@20": number; difference: { interval: number[] } }>;
    };
    const popular = baselines["popular"]!;
    expect(Number(run.metrics["ndcg@20"]) / popular["ndcg@20"]).toBeGreaterThan(1.2);
    expect(popular.difference.interval[0]).toBeGreaterThan(0);
    const { scorer, row } = await world.loaded(model.id, 1);
    expect(row.kind).not.toBe("popular");
    expect(scorer.items.offsets.length).toBeGreaterThan(500);
  }, 120_000);
});
