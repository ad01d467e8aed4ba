import { rankingRule, recommendResponse } from "@signalpath/contracts";
import { expect, it, onTestFinished, vi } from "vitest";

import { like, openFlow } from "./test-flow.ts";
import { trainDemo } from "./train-demo.ts";

const PATIENCE = { timeout: 30_000, interval: 50 };

it("a trained model of the heaviest slot speaks in lists, and a rule moves them", async () => {
  const flow = await openFlow();
  onTestFinished(() => flow.close());
  const { backends, kit, ring, modelFiles } = flow.deps;
  const recommend = async (query = "") =>
    recommendResponse.parse(
      await flow.json("GET", `/api/recommend?user_id=ann&limit=20&explain=true${query}`),
    );
  const seeds = (await recommend()).items.slice(0, 3).map(({ item_id }) => item_id);
  const now = Date.now();
  await flow.json("POST", "/api/ingest", {
    batch: seeds.map((id, n) => like(`m${n}`, "ann", id, now - 60_000 * (n + 1))),
  });
  await vi.waitFor(async () => expect((await recommend()).strategy).toBe("warm"), PATIENCE);
  expect((await recommend()).diagnostics.collaborative_model).toBeNull();

  const files = { reader: modelFiles, writer: modelFiles };
  const { projectId } = flow;
  expect(await trainDemo({ backends, kit, ring, files, projectId })).toBe(true);
  await vi.waitFor(async () => {
    const { diagnostics } = await recommend();
    expect(diagnostics.collaborative_model).toMatchObject({ version: 1, kind: "item-knn" });
  }, PATIENCE);
  const list = await recommend();
  expect(list.diagnostics.sources.collaborative).toBeGreaterThan(0);
  expect(list.diagnostics.sources.item_to_item).toBeGreaterThan(0);
  const kinds = list.items.flatMap(({ reasons }) => reasons.map(({ kind }) => kind));
  expect(kinds).toContain("collaborative");
  const again = await recommend();
  expect(again.items).toEqual(list.items);

  const last = list.items.at(-1)?.item_id;
  const rule = rankingRule.parse(
    await flow.json("POST", "/api/v1/ranking_rule/", {
      project: projectId,
      name: "of the week",
      kind: "pin",
      item_id: last,
      place: 1,
      placement: "home",
    }),
  );
  await vi.waitFor(async () => {
    const [first] = (await recommend("&placement=home")).items;
    expect(first).toMatchObject({ item_id: last, rank: 1 });
  }, PATIENCE);
  const moved = await recommend("&placement=home");
  expect(moved.items[0]?.rules).toEqual([
    { rule_id: rule.id, name: "of the week", kind: "pin", from_rank: 20 },
  ]);
  expect(moved.diagnostics.rules).toMatchObject([{ rule_id: rule.id, candidates: 1 }]);
  expect((await recommend()).items).toEqual(list.items);

  // One person's list alone, and no longer once it is gone.
  await flow.call("DELETE", `/api/v1/ranking_rule/${rule.id}/`);
  await vi.waitFor(async () => {
    expect((await recommend("&placement=home")).diagnostics.rules).toEqual([]);
  }, PATIENCE);
});
