import { describe, expect, test } from "vitest";

import { iso, NOON } from "../archive/contract-parts.ts";
import type { ManualClock } from "../clock/memory.ts";
import { RefusedError } from "../errors.ts";
import { KeyReusedError } from "../experiment-events/port.ts";
import type { TrainingStores } from "../model-catalogue/memory-training.ts";
import type { Projects } from "../projects/port.ts";
import type { AbTests, NewAbTest } from "./port.ts";

const given: NewAbTest = {
  project_id: 1,
  name: "EASE or iALS",
  control_slot: 4,
  variant_slot: 7,
  target_metric_name: "ctr",
  min_sample_size: 1_000,
  confidence_level: 0.95,
};

/** Every promise of `AbTests`. */
export function abTestsContract(
  make: () => Promise<
    Pick<TrainingStores, "modelCatalogue" | "deploymentSlots"> & {
      abTests: AbTests;
      projects: Projects;
      clock: ManualClock;
    }
  >,
): void {
  async function open() {
    const parts = await make();
    parts.clock.set(NOON);
    for (const name of ["Shop", "Other"]) await parts.projects.create(name);
    return parts;
  }

  describe("AbTests", () => {
    test("gives back what was created and what was changed", async () => {
      const { abTests, clock } = await open();
      const made = await abTests.create(given);
      expect(made).toEqual({
        ...given,
        id: 1,
        status: "DRAFT",
        started_at: null,
        ended_at: null,
        winner_slot: null,
        created_at: iso(NOON),
        updated_at: iso(NOON),
      });
      clock.advance(5);
      const running = await abTests.update(1, ({ status }) => ({
        status: status === "DRAFT" ? "RUNNING" : "COMPLETED",
        started_at: iso(NOON + 5),
      }));
      const changed = { status: "RUNNING", started_at: iso(NOON + 5), updated_at: iso(NOON + 5) };
      expect(running).toEqual({ ...made, ...changed });
      await abTests.update(1, () => ({ winner_slot: 7, ended_at: iso(NOON + 9) }));
      expect(await abTests.get(1)).toMatchObject({ winner_slot: 7, ended_at: iso(NOON + 9) });
      expect(await abTests.get(2)).toBeUndefined();
      expect(await abTests.update(2, () => ({ name: "x" }))).toBeUndefined();
      await abTests.check();
    });

    test("refuses unknown projects; a change that throws changes nothing", async () => {
      const { abTests } = await open();
      await expect(abTests.create({ ...given, project_id: 99 })).rejects.toThrow(RefusedError);
      const made = await abTests.create(given);
      const refuse = abTests.update(made.id, () => {
        throw new Error("no");
      });
      await expect(refuse).rejects.toThrow("no");
      expect(await abTests.get(made.id)).toEqual(made);
    });

    test("the winner gets all the weight and the other slot none, all or nothing, once a key", async () => {
      const { abTests, modelCatalogue, deploymentSlots: slots } = await open();
      const model = await modelCatalogue.create({ project_id: 1, kind: "ease" });
      const slot = { project_id: 1, trained_model_id: model.id, weight: 50, is_active: true };
      const a = await slots.create({ ...slot, name: "a" });
      const b = await slots.create({ ...slot, name: "b" });
      const test_ = { ...given, control_slot: a.id, variant_slot: b.id };
      const made = await abTests.create(test_);
      const decide = () => ({ winner: b.id, loser: a.id });
      const once = { key: "k", digest: "d" };
      const promoted = await abTests.promote(made.id, decide, once);
      expect(promoted).toMatchObject({ winner_slot: b.id });
      expect(await slots.get(b.id)).toMatchObject({ weight: 100, is_active: true });
      expect(await slots.get(a.id)).toMatchObject({ weight: 50, is_active: false });
      await slots.update(b.id, { weight: 1 });
      expect(await abTests.promote(made.id, decide, once)).toEqual(promoted);
      expect(await slots.get(b.id)).toMatchObject({ weight: 1 });
      const reused = abTests.promote(made.id, decide, { key: "k", digest: "e" });
      await expect(reused).rejects.toThrow(KeyReusedError);
      await slots.remove(a.id);
      const gone = abTests.promote(made.id, () => ({ winner: a.id, loser: b.id }));
      await expect(gone).rejects.toThrow(RefusedError);
      expect(await slots.get(b.id)).toMatchObject({ is_active: true });
      expect(await abTests.get(made.id)).toEqual(promoted);
      expect(await abTests.promote(99, decide)).toBeUndefined();
    });

    test("pages by project and status", async () => {
      const { abTests } = await open();
      for (const project_id of [1, 2, 1]) await abTests.create({ ...given, project_id });
      const [, , third] = (await abTests.list({ offset: 0, limit: 9 })).rows;
      await abTests.update(third?.id ?? 0, () => ({ status: "CANCELLED" }));
      const count = async (filter: object) =>
        (await abTests.list({ offset: 0, limit: 1, ...filter })).count;
      expect(await count({})).toBe(3);
      expect(await count({ project_id: 1 })).toBe(2);
      expect(await count({ project_id: 1, status: "CANCELLED" })).toBe(1);
    });
  });
}
