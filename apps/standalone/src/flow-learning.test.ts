import {
  learningEstimates,
  learningStatus,
  recommendResponse,
  type RecommendResponse,
} from "@signalpath/contracts";
import { createRandom, contentLtr, RANKER_FEATURES } from "@signalpath/models";
import { signArtefact } from "@signalpath/model-loader";
import { expect, it, onTestFinished, vi } from "vitest";

import { openFlow, type Flow } from "./test-flow.ts";

const SOON = { timeout: 30_000, interval: 50 };
/** Lists until a learner is no longer cold: each has ten places. */
const LISTS = 8;

async function openShop(): Promise<Flow> {
  const flow = await openFlow();
  onTestFinished(() => flow.close());
  const items = Array.from({ length: 40 }, (_, n) => ({
    item_id: `t${n}`,
    title: `Item ${n}`,
    tags: [
      { facet: "theme", label: `theme ${n % 8}` },
      { facet: "shelf", label: "mine" },
    ],
    published_at: new Date(Date.now() - (n + 1) * 43_200_000).toISOString(),
  }));
  await flow.json("PUT", "/api/content", { items });
  await vi.waitFor(async () => expect((await listOf(flow, "x")).items).toHaveLength(10), SOON);
  return flow;
}

/** Of the items above alone: the flow has a sample catalogue beside them. */
async function listOf(flow: Flow, user: string): Promise<RecommendResponse> {
  const query = `user_id=${user}&limit=10&filter=shelf:mine`;
  return recommendResponse.parse(await flow.json("GET", `/api/recommend?${query}`));
}
const statusOf = async (flow: Flow) =>
  learningStatus.parse(await flow.json("GET", "/api/v1/learning/"));

/** What a client reports of a list: every item seen, old ones liked. */
function reportOf({ request_id, items, user_id: userId }: RecommendResponse) {
  const event = (name: string, item: string, more = {}) => ({
    type: "track",
    event: name,
    messageId: `${name}-${request_id}-${item}`,
    userId,
    properties: { item_id: item, request_id, ...more },
  });
  return items.flatMap(({ item_id }) => [
    event("Tip Served", item_id),
    ...(Number(item_id.slice(1)) >= 6
      ? [event("Tip Feedback", item_id, { reaction: "done" })]
      : []),
  ]);
}

it("an experiment's bandit arm: lists, impressions and feedback by ingest, weights that move", async () => {
  const flow = await openShop();
  expect(await statusOf(flow)).toMatchObject({ mode: "static", status: "cold", updates: 0 });
  const before = await listOf(flow, "u0");
  expect(before.diagnostics.ranking).toBe("static");
  const made = await flow.json("POST", "/api/v1/experiments", {
    name: "learned weights",
    variations: [
      { index: 0, name: "control", weight: 0.5 },
      { index: 1, name: "bandit", weight: 0.5, ranking: { bandit: true } },
    ],
  });
  const path = `/api/v1/experiments/${String(made["id"])}`;
  await flow.json("PATCH", path, { status: "running" });
  await vi.waitFor(
    async () => expect((await listOf(flow, "u0")).experiments).toHaveLength(1),
    SOON,
  );
  const arms = new Map<string, RecommendResponse[]>();
  for (let n = 0; (arms.get("bandit")?.length ?? 0) < LISTS; n++) {
    const list = await listOf(flow, `u${n}`);
    const arm = list.diagnostics.ranking;
    expect(arm).toBe(list.experiments[0]?.variation_index === 1 ? "bandit" : "static");
    arms.set(arm, [...(arms.get(arm) ?? []), list]);
  }
  // Untrained, it is the list of everybody.
  const [first] = arms.get("bandit") ?? [];
  expect(first?.items.map(({ item_id }) => item_id)).toEqual(
    before.items.map(({ item_id }) => item_id),
  );
  const batch = [...arms.values()].flat().flatMap(reportOf);
  for (const events of [batch, batch]) {
    expect((await flow.call("POST", "/api/ingest", { batch: events })).status).toBe(200);
  }
  // Once an impression, of the bandit's lists alone, though each was sent twice.
  await vi.waitFor(
    async () => expect(await statusOf(flow)).toMatchObject({ updates: 10 * LISTS }),
    SOON,
  );
  const learned = await statusOf(flow);
  expect(learned).toMatchObject({ status: "learning", mode: "static" });
  expect(learned.decisions).toBeGreaterThanOrEqual(LISTS);
  expect(learned.mean_reward).toBeGreaterThan(0);
  expect(learned.weights.some(({ shift }) => shift !== 0)).toBe(true);
  const freshness = learned.weights.find(({ scorer }) => scorer === "freshness");
  expect(freshness?.shift).toBeLessThan(0);
  expect(freshness?.confidence).toBeGreaterThan(0);
  // What was learned is what serves, and at most one place in ten is chance.
  const user = arms.get("bandit")?.[0]?.user_id ?? "";
  await vi.waitFor(async () => {
    const list = await listOf(flow, user);
    const weights = list.items.map(({ contributions }) => contributions["freshness"] ?? 0);
    expect(Math.max(...weights)).toBeLessThan(first?.items[0]?.contributions["freshness"] ?? 0);
    expect(list.items.filter(({ explored }) => explored).length).toBeLessThanOrEqual(1);
    for (const { contributions, score } of list.items) {
      const sum = Object.values(contributions).reduce((total, part) => total + part, 0);
      expect(Math.abs(sum - score)).toBeLessThan(1e-9);
    }
  }, SOON);
  expect((await flow.call("GET", "/metrics")).text).toContain("learner_updates");
});

it("a signed ranker serves as ltr: refused without an estimate, forced on record, gone on demand", async () => {
  const flow = await openShop();
  const random = createRandom(7, "learning");
  const freshnessAt = RANKER_FEATURES.indexOf("freshness");
  // Old is good: the very opposite of the static list.
  const examples = Array.from({ length: 2_000 }, () => {
    const x = RANKER_FEATURES.map(() => random());
    return { x, label: x[freshnessAt]! < random() };
  });
  const { metadata, tensors } = contentLtr.train(examples);
  const ids = { model_id: 1, project_id: flow.projectId, version: 1, rows: examples.length };
  const made = {
    created_at: "2026-06-12T12:00:00.000Z",
    data_digest: "ab".repeat(32),
    metrics: {},
  };
  const { bytes } = signArtefact(
    { metadata: { ...ids, ...made, ...metadata }, tensors },
    flow.deps.ring,
  );
  const imported = await flow.edge.fetch(
    new Request("http://flow.test/api/v1/trained_model/import/?serve=true", {
      method: "POST",
      headers: { "x-api-key": flow.key, "content-type": "application/octet-stream" },
      body: Uint8Array.from(bytes),
    }),
  );
  expect(imported.status).toBe(201);
  const { trained_model } = (await imported.json()) as { trained_model: number };
  const policy = { mode: "ltr", model_id: trained_model };
  const refused = await flow.call("PUT", "/api/v1/learning/policy/", policy);
  expect(refused.status).toBe(409);
  expect(JSON.parse(refused.text)).toMatchObject({
    code: "PROMOTION_REFUSED",
    detail: expect.stringMatching(/^0 explored places were shown: .* Let the bandit serve/),
  });
  const estimates = learningEstimates.parse(
    await flow.json("GET", `/api/v1/learning/evaluate/?target=ltr&model_id=${trained_model}`),
  );
  expect(estimates).toMatchObject({ slots: 0, promotable: false, gain: { low: null } });
  const before = await listOf(flow, "ann");
  const forced = learningStatus.parse(
    await flow.json("PUT", "/api/v1/learning/policy/", { ...policy, force: true }),
  );
  expect(forced).toMatchObject({ mode: "ltr", model_id: trained_model, forced: true });
  await vi.waitFor(
    async () => expect((await listOf(flow, "ann")).diagnostics.ranking).toBe("ltr"),
    SOON,
  );
  const after = await listOf(flow, "ann");
  expect(after.diagnostics.degraded).toEqual([]);
  const oldest = (list: RecommendResponse) =>
    Math.max(...list.items.map(({ item_id }) => Number(item_id.slice(1))));
  expect(oldest(after)).toBeGreaterThan(oldest(before));
  for (const { contributions, score } of after.items) {
    const sum = Object.values(contributions).reduce((total, part) => total + part, 0);
    expect(Math.abs(sum - score)).toBeLessThan(1e-9);
  }
  await flow.json("PUT", "/api/v1/learning/policy/", { mode: "static" });
  await vi.waitFor(
    async () => expect((await listOf(flow, "ann")).diagnostics.ranking).toBe("static"),
    SOON,
  );
  const unknown = await flow.call("PUT", "/api/v1/learning/policy/", {
    mode: "ltr",
    model_id: 999,
  });
  expect(JSON.parse(unknown.text)).toMatchObject({ code: "RANKING_MODE_UNAVAILABLE" });
});
