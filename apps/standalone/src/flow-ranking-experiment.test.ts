import { recommendResponse } from "@signalpath/contracts";
import { expect, it, onTestFinished, vi } from "vitest";

import { openFlow, type Flow } from "./test-flow.ts";

/** Of the items below alone: the flow has a sample catalogue beside them. */
async function listOf(flow: Flow, user: string) {
  const query = `user_id=${user}&limit=8&filter=shelf:mine`;
  return recommendResponse.parse(await flow.json("GET", `/api/recommend?${query}`));
}

/** Eight items of which the newest four are of one theme: only a cap on tags keeps them apart. */
async function putItems(flow: Flow) {
  const items = Array.from({ length: 8 }, (_, n) => ({
    item_id: `t${n}`,
    title: `Item ${n}`,
    tags: [
      { facet: "theme", label: n < 4 ? "rivers" : `other ${n}` },
      { facet: "shelf", label: "mine" },
    ],
    published_at: new Date(Date.now() - (n + 1) * 86_400_000).toISOString(),
  }));
  await flow.json("PUT", "/api/content", { items });
  await vi.waitFor(async () => expect((await listOf(flow, "ann")).items).toHaveLength(8), 30_000);
  return items;
}
const TOGETHER = {
  cold_weights: { trend: 0, quality: 0 },
  tag_cap: { max: 8, window: 8 },
  mmr_lambda: 1,
};

it("an experiment of rankings: start, list, reported exposure, count, stop", async () => {
  const flow = await openFlow();
  onTestFinished(() => flow.close());
  const items = await putItems(flow);
  const { id } = await flow.json("POST", "/api/v1/experiments", {
    name: "all of one theme",
    variations: [
      { index: 0, name: "control", weight: 0.5 },
      { index: 1, name: "new", weight: 0.5, ranking: TOGETHER },
    ],
  });
  const path = `/api/v1/experiments/${String(id)}`;
  expect((await listOf(flow, "ann")).experiments).toEqual([]);
  await flow.json("PATCH", path, { status: "running" });
  await vi.waitFor(async () => expect((await listOf(flow, "ann")).experiments).toHaveLength(1));
  const met = new Map<number, string>();
  for (let n = 0; met.size < 2; n++) {
    const user = `u${n}`;
    const { experiments } = await listOf(flow, user);
    const { variation_index } = await flow.json("GET", `${path}/assignment?user_id=${user}`);
    expect(experiments).toEqual([{ experiment_id: id, variation_index }]);
    met.set(Number(variation_index), user);
  }
  const idsFor = async (index: number) =>
    (await listOf(flow, met.get(index) ?? "")).items.map(({ item_id }) => item_id);
  expect(await idsFor(1)).toEqual(items.map(({ item_id }) => item_id));
  expect(await idsFor(0)).not.toEqual(await idsFor(1));
  // Being served is no exposure; one that is reported counts.
  expect(await flow.json("GET", `${path}/ingestion`)).toMatchObject({ exposures_total: 0 });
  const exposures = [...met].map(([variation_index, user_id]) => ({ user_id, variation_index }));
  await flow.json("POST", `${path}/exposures`, { exposures });
  expect(await flow.json("GET", `${path}/ingestion`)).toMatchObject({
    exposures_total: 2,
    flipped_total: 0,
    exposure_counts: [
      { variation_index: 0, count: 1 },
      { variation_index: 1, count: 1 },
    ],
  });
  await flow.json("PATCH", path, { status: "stopped" });
  await vi.waitFor(async () => expect((await listOf(flow, "ann")).experiments).toEqual([]));
  expect(await idsFor(1)).toEqual(await idsFor(0));
});

it("a promoted variation is what everybody gets, until it is taken back", async () => {
  const flow = await openFlow();
  onTestFinished(() => flow.close());
  const items = (await putItems(flow)).map(({ item_id }) => item_id);
  const idsOf = async (user: string) =>
    (await listOf(flow, user)).items.map(({ item_id }) => item_id);
  const before = await idsOf("ann");
  expect(before).not.toEqual(items);
  const { id } = await flow.json("POST", "/api/v1/experiments", {
    name: "all of one theme",
    status: "running",
    coverage: 0,
    variations: [
      { index: 0, name: "control", weight: 0.5 },
      { index: 1, name: "new", weight: 0.5, ranking: TOGETHER },
    ],
  });
  const path = `/api/v1/experiments/${String(id)}/promote`;
  const promoted = await flow.json("POST", path, { variation_index: 1 });
  expect(promoted).toMatchObject({ experiment: { status: "stopped" } });
  await vi.waitFor(async () => expect(await idsOf("ann")).toEqual(items), 30_000);
  expect(await idsOf("somebody else")).toEqual(items);
  expect((await listOf(flow, "ann")).experiments).toEqual([]);
  await flow.json("DELETE", path);
  await vi.waitFor(async () => expect(await idsOf("ann")).toEqual(before), 30_000);
});
