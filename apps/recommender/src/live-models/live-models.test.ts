import { recommendResponse, subjects } from "@signalpath/contracts";
import { createKeyRing, writeArtefact, type KeyRing } from "@signalpath/model-loader";
import { buildInteractions, createRandom, itemKnn } from "@signalpath/models";
import { createMemoryModelFiles, createMemoryTraining } from "@signalpath/ports";
import { randomUUID } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";

import type { RecommenderDeps } from "../deps.ts";
import { openWorld, q, type World } from "../test-world.ts";

const PATIENCE = { timeout: 30_000, interval: 20 };
const ring = createKeyRing({ secretKey: "secret of the tests" });
const strangers = createKeyRing({ secretKey: "somebody else's" });
let world: World;
afterEach(() => world.close());

/** Who likes a chess item likes bread: tags say nothing of it. */
const ROWS = ["u1", "u2", "u3"].flatMap((user_id) =>
  ["chess-1", "chess-2", "bread-4", "bread-5"].map((item_id) => ({ user_id, item_id, weight: 1 })),
);

async function open() {
  const modelFiles = createMemoryModelFiles();
  let training: ReturnType<typeof createMemoryTraining> | undefined;
  world = await openWorld(({ projects, kit }: RecommenderDeps) => {
    training = createMemoryTraining({ projects, now: kit.now, newId: randomUUID });
    return { ...training, modelFiles, ring };
  });
  const { modelCatalogue, deploymentSlots } = training!;
  const { id: project_id } = world.project;

  /** Trains and registers the next version, and tells. */
  async function train(model_id: number, signedBy: KeyRing = ring): Promise<void> {
    const model = await modelCatalogue.get(model_id);
    const version = (model?.last_version ?? 0) + 1;
    const interactions = buildInteractions(ROWS);
    const trained = await itemKnn.train(interactions, {}, { random: createRandom(1, "test") });
    const { metadata, tensors } = itemKnn.encode(trained);
    const facts = { project_id, version, data_digest: "ab".repeat(32), metrics: {} };
    const created_at = new Date(world.clock.now()).toISOString();
    const { file, sha256, bytes } = await writeArtefact(
      { metadata: { ...metadata, ...facts, model_id, created_at, rows: ROWS.length }, tensors },
      { ring: signedBy, files: modelFiles },
    );
    await modelCatalogue.register(
      {
        ...facts,
        trained_model_id: model_id,
        kind: itemKnn.name,
        file,
        sha256,
        bytes,
        parameters: {},
        data_rows: ROWS.length,
        data_from: null,
        data_to: null,
        git_version: null,
      },
      { serve: true },
    );
    const event = "model_trained" as const;
    await world.bus.publish(subjects.modelTrained, { event, model_id, project_id, version });
  }
  async function slot(weight: number): Promise<number> {
    const { id } = await modelCatalogue.create({ project_id, kind: itemKnn.name });
    await train(id);
    const common = { project_id, name: `w${weight}`, is_active: true };
    await deploymentSlots.create({ ...common, trained_model_id: id, weight });
    await world.bus.publish(subjects.slotsChanged, { project_id });
    return id;
  }
  return { train, slot };
}

async function listOf(user: string) {
  const query = q({ user_id: user, limit: 20, explain: true });
  return recommendResponse.parse(await (await world.request(`/api/recommend?${query}`)).json());
}
const liveModel = async () => (await listOf("ann")).diagnostics.collaborative_model;

test("the heaviest slot's model speaks, also to people it never saw; a new version takes over", async () => {
  const { slot, train } = await open();
  await world.like("ann", "chess-1");
  expect(await liveModel()).toBeNull();
  await slot(10);
  const heavy = await slot(90);
  await vi.waitFor(
    async () => expect(await liveModel()).toMatchObject({ model_id: heavy }),
    PATIENCE,
  );
  const { items, diagnostics } = await listOf("ann");
  expect(diagnostics.sources).toMatchObject({ collaborative: 3, item_to_item: 3 });
  const bread = items.find(({ item_id }) => item_id === "bread-4");
  expect(bread?.contributions["collaborative"]).toBeGreaterThan(0);
  expect(bread?.reasons).toContainEqual(
    expect.objectContaining({ kind: "collaborative", evidence: ["chess-1"] }),
  );
  expect(items.map(({ item_id }) => item_id)).not.toContain("chess-1");
  const other = items.find(({ item_id }) => item_id === "rivers-1");
  expect(other?.contributions["collaborative"]).toBeUndefined();
  await train(heavy);
  await vi.waitFor(async () => expect(await liveModel()).toMatchObject({ version: 2 }), PATIENCE);
  expect((await listOf("ann")).items).toEqual(items);
});

test("a version that cannot be verified leaves the old one serving, and says so", async () => {
  const { slot, train } = await open();
  await world.like("ann", "chess-1");
  const id = await slot(100);
  await vi.waitFor(async () => expect(await liveModel()).toMatchObject({ version: 1 }), PATIENCE);
  await train(id, strangers);
  await vi.waitFor(
    async () => expect((await listOf("ann")).diagnostics.degraded).toContain("live_model"),
    PATIENCE,
  );
  expect(await liveModel()).toMatchObject({ model_id: id, version: 1 });
  expect(await world.metrics.text()).toContain('recommend_live_models{state="behind"} 1');
  const ready = await world.request("/readyz");
  expect(ready.status).toBe(200);
  expect(await ready.text()).toMatch(/"live_models":"degraded: model \d+ version 2/);
});
