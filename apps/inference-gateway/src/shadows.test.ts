import { expect, test } from "vitest";

import type { ShadowComparisons } from "@signalpath/contracts";

import { openWorld, type World } from "./test-world.ts";

async function withShadow(world: World, options: Parameters<World["model"]>[0] = {}) {
  await world.slot(await world.model());
  const trained_model_id = await world.model(options);
  const slot = { project_id: world.project.id, name: "shadow", trained_model_id, is_active: true };
  return world.stores.deploymentSlots.create({ ...slot, weight: 100, is_shadow: true });
}

const ask = (world: World) =>
  world.post(`/predict/project/${world.project.id}`, { user_id: "u1", cutoff: 3 });

async function comparisons(world: World) {
  const path = `http://test/inference/shadow/project/${world.project.id}`;
  const headers = { "x-api-key": world.key };
  const response = await world.app.fetch(new Request(path, { headers }));
  expect(response.status).toBe(200);
  return ((await response.json()) as ShadowComparisons).slots;
}

test("a shadow of the same model agrees in every place and answers nobody", async () => {
  const world = await openWorld();
  const shadow = await withShadow(world);
  for (let n = 0; n < 3; n++) {
    const body = (await (await ask(world)).json()) as { slot_id: number };
    expect(body.slot_id).not.toBe(shadow.id);
  }
  await expect
    .poll(() => comparisons(world), { timeout: 30_000 })
    .toMatchObject([{ slot_id: shadow.id, compared: 3, errors: 0, dropped: 0, overlap: 1 }]);
  await world.close();
});

test("a shadow that cannot be loaded costs no request and is counted", async () => {
  const world = await openWorld();
  const shadow = await withShadow(world, { corrupt: true });
  expect((await ask(world)).status).toBe(200);
  await expect
    .poll(() => comparisons(world), { timeout: 30_000 })
    .toMatchObject([{ slot_id: shadow.id, compared: 0, errors: 1, overlap: null }]);
  await world.close();
});
