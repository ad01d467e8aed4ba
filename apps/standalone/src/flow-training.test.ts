import { projectPrediction, subjects } from "@signalpath/contracts";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { openFlow, type Flow } from "./test-flow.ts";

const V1 = "/api/v1";
let flow: Flow;
beforeEach(async () => {
  flow = await openFlow();
});
afterEach(() => flow.close());

/** Two tastes, odd and even, as a file somebody uploads. */
function csv(): string {
  const rows = Array.from({ length: 40 }, (_, user) =>
    Array.from({ length: 24 }, (_item, item) => item)
      .filter((item) => item % 2 === user % 2 && (item * 7 + user * 3) % 5 !== 0)
      .map((item) => `u${user},i${item},${1_780_000_000 + user * 31 + item * 977}`),
  );
  return ["user_id,item_id,timestamp", ...rows.flat(), ""].join("\n");
}

it("an uploaded file becomes a model that answers, and a retraining swaps it", async () => {
  const progress: number[] = [];
  await flow.backends.bus.hear(subjects.trainingProgress.name, ({ body }) => {
    progress.push((JSON.parse(body) as { progress: number }).progress);
  });
  const form = new FormData();
  form.set("project", String(flow.projectId));
  form.set("file", new File([csv()], "rows.csv"));
  const response = await flow.edge.fetch(
    new Request(`http://flow.test${V1}/training_data/`, {
      method: "POST",
      headers: { "x-api-key": flow.key },
      body: form,
    }),
  );
  const uploaded = (await response.json()) as Record<string, unknown>;
  expect(uploaded).toMatchObject({ users: 40, items: 24 });
  const created = await flow.json("POST", `${V1}/trained_model/`, {
    project: flow.projectId,
    training_data: uploaded["id"],
    kind: "item-knn",
    split: "leave-last-n",
  });
  const path = `${V1}/trained_model/${String(created["id"])}/`;
  const trained = async (version: number) => {
    await vi.waitFor(
      async () =>
        expect(await flow.json("GET", path)).toMatchObject({ status: "COMPLETED", version }),
      { timeout: 30_000, interval: 100 },
    );
  };
  await trained(1);
  expect(progress.at(-1)).toBe(1);
  await flow.json("POST", `${V1}/deployment_slot/`, {
    project: flow.projectId,
    name: "only",
    trained_model: created["id"],
  });
  const predict = async () =>
    flow.call("POST", `/inference/predict/project/${flow.projectId}`, { user_id: "u3", cutoff: 3 });
  const answer = await vi.waitFor(
    async () => {
      const found = await predict();
      expect(found.status).toBe(200);
      return found;
    },
    { timeout: 30_000 },
  );
  const { items } = projectPrediction.parse(JSON.parse(answer.text));
  for (const { item_id } of items) expect(Number(item_id.slice(1)) % 2).toBe(1);
  await flow.json("POST", `${path}retrain/`, { seed: 2 });
  await trained(2);
  await vi.waitFor(async () => {
    expect((await predict()).headers.get("x-model-version")).toBe("2");
  });
}, 90_000);
