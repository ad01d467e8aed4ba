import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { mean, ndcg, rowsByUser, splitByHash, splitByTime, type Split } from "@signalpath/domain";
import { beforeAll, describe, expect, it } from "vitest";

import { buildInteractions, type InteractionRow } from "./interactions/build.ts";
import { modelKinds } from "./registry.ts";
import { seeded } from "./testing/sample.ts";

// Real ratings beside the checkout, where they are.
const file = fileURLToPath(
  new URL("../../../../shared/data/ml-latest-small/ratings.csv", import.meta.url),
);
type Row = Required<InteractionRow>;
const ITEMS = 600;
const USERS = 150;

/** The most rated items, and the first users with enough of them. */
function subsample(): Row[] {
  const [, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  const rows = lines.map((line): Row => {
    const [user_id = "", item_id = "", , time] = line.split(",");
    return { user_id, item_id, weight: 1, time: Number(time) * 1_000 };
  });
  const counts = new Map<string, number>();
  for (const { item_id } of rows) counts.set(item_id, (counts.get(item_id) ?? 0) + 1);
  const kept = new Set(
    [...counts]
      .sort((left, right) => right[1] - left[1] || Number(left[0]) - Number(right[0]))
      .slice(0, ITEMS)
      .map(([item]) => item),
  );
  const own = rowsByUser(rows.filter(({ item_id }) => kept.has(item_id)));
  return [...own.values()]
    .filter((list) => list.length >= 10)
    .slice(0, USERS)
    .flat();
}

async function quality(name: string, { train, test }: Split<Row>, parameters: object) {
  const kind = modelKinds[name]!;
  const model = await kind.train(buildInteractions(train), parameters, { random: seeded(7) });
  return mean(
    [...rowsByUser(test)].map(([user, own]) => {
      const list = kind.score(model, { user }, { k: 20 }).map((one) => one.item_id);
      return ndcg(list, new Set(own.map((row) => row.item_id)), 20);
    }),
  );
}

describe.skipIf(!existsSync(file))("on real ratings", () => {
  let splits: Record<"A" | "B", Split<Row>>;
  let popular: Record<"A" | "B", number>;
  beforeAll(async () => {
    const rows = subsample();
    const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");
    splits = { A: splitByHash(rows, sha1), B: splitByTime(rows) };
    popular = {
      A: await quality("popular", splits.A, {}),
      B: await quality("popular", splits.B, {}),
    };
  });

  // Parameters suit a sample a tenth of the whole; floors are ratios to the popular list.
  it.each([
    ["item-knn", {}, 1.3, 1.15],
    ["ease", {}, 1.5, 1.25],
    ["ials", { factors: 32, epochs: 6 }, 1.3, 1.15],
  ] as const)("%s is well ahead of the popular list", async (name, parameters, onA, onB) => {
    expect((await quality(name, splits.A, parameters)) / popular.A).toBeGreaterThan(onA);
    expect((await quality(name, splits.B, parameters)) / popular.B).toBeGreaterThan(onB);
  });

  it("a byte per value of ease ranks as the full matrix does", async () => {
    const sparse = { storage: "sparse", neighbours: ITEMS };
    const full = await quality("ease", splits.A, sparse);
    const bytes = await quality("ease", splits.A, { storage: "dense" });
    expect(Math.abs(bytes - full)).toBeLessThan(0.003);
  });
});
