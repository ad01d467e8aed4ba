import { createInlineChecker, createKeyRing, openArtefact } from "@signalpath/model-loader";
import { createMemoryEmbeddingProvider } from "@signalpath/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openWorld, SIGNING, spec, tasteRows, type World } from "../test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.stores.catalogue.put(
    world.projectId,
    Array.from({ length: 50 }, (_, i) => ({
      item_id: `i${i}`,
      title: `item ${i}`,
      tags: [
        { facet: "half", label: i % 2 === 0 ? "even" : "odd" },
        { facet: "third", label: `t${i % 3}` },
      ],
    })),
  );
  await world.stores.catalogue.remove(world.projectId, ["i49"]);
});
afterEach(() => world.close());

/** A run of the kind, and its artefact. */
async function trained(parameters: Record<string, unknown>) {
  const training_data_id = await world.upload(tasteRows(80, 40));
  const model = await world.model("embedding");
  const wish = spec({ kind: "embedding", training_data_id, parameters, split: "none" });
  const run = await world.over((await world.request(model.id, wish)).id);
  const row = await world.stores.modelCatalogue.version(model.id, 1);
  if (row === undefined) return { run, view: undefined };
  const view = await openArtefact(
    { ...row, model_id: model.id },
    { files: world.modelFiles, ring: createKeyRing(SIGNING), checker: createInlineChecker() },
  );
  return { run, view };
}

describe("a run of the kind embedding", () => {
  it("ships factors with their fold-in, and a map for what nobody has touched", async () => {
    await world.start();
    const { run, view } = await trained({ dimensions: 8 });
    expect(run).toMatchObject({ status: "COMPLETED", version: 1 });
    expect(run.metrics).toMatchObject({ gate: { serve: true }, dimensions: 8, content: 49 });
    expect(view?.metadata.embedding_space).toMatch(/^sp-ials-8-[0-9a-f]{12}$/);
    // 40 of the 49 items were in the interactions.
    expect(view?.tensors.get("item_vectors")?.shape).toEqual([40, 8]);
    expect(view?.tensors.get("fold_in")?.shape).toEqual([8, 8]);
    expect(world.trained).toHaveLength(1);
  });

  it("gives the same space for the same data and seed", async () => {
    await world.start({ options: { pollMs: 20 } });
    const one = await trained({ method: "tags" });
    const other = await trained({ method: "tags" });
    expect(one.view?.metadata.embedding_space).toMatch(/^sp-tags-/);
    expect(other.view?.metadata.embedding_space).toBe(one.view?.metadata.embedding_space);
  });

  it("takes the vectors of a provider", async () => {
    await world.start({ embeddingProvider: createMemoryEmbeddingProvider(24) });
    const { view } = await trained({ method: "provider" });
    expect(view?.metadata.embedding_space).toMatch(/^sp-provider-24-/);
    expect(view?.tensors.get("item_vectors")?.shape).toEqual([49, 24]);
  });

  it("says why it cannot be", async () => {
    await world.start();
    expect((await trained({ method: "provider" })).run).toMatchObject({
      status: "FAILED",
      error_code: "NO_PROVIDER",
    });
    expect((await trained({ method: "magic" })).run).toMatchObject({
      status: "FAILED",
      error_code: "PARAMETERS_INVALID",
    });
  });
});
