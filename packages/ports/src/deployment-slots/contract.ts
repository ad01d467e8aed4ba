import { describe, expect, test } from "vitest";

import { iso, NOON } from "../archive/contract-parts.ts";
import { RefusedError } from "../errors.ts";
import { twoProjects, type MakeTraining } from "../model-catalogue/under-test.ts";

async function open(make: MakeTraining) {
  const parts = await twoProjects(make);
  const { project, other, modelCatalogue } = parts;
  const own = await modelCatalogue.create({ project_id: project, kind: "ease" });
  const foreign = await modelCatalogue.create({ project_id: other, kind: "ease" });
  const slot = (changes: object = {}) => ({
    project_id: project,
    name: "main",
    trained_model_id: own.id,
    weight: 100,
    is_active: true,
    ...changes,
  });
  return { ...parts, slots: parts.deploymentSlots, own, foreign, slot };
}

/** Every promise of `DeploymentSlots`. */
export function deploymentSlotsContract(make: MakeTraining): void {
  describe("DeploymentSlots", () => {
    test("gives back what was created; numbers count in the project and are never reused", async () => {
      const { slots, slot, other, foreign } = await open(make);
      const first = await slots.create(slot());
      expect(first).toEqual({
        ...slot(),
        id: 1,
        is_shadow: false,
        variation_index: 0,
        created_at: iso(NOON),
        updated_at: iso(NOON),
      });
      const theirs = slot({ project_id: other, trained_model_id: foreign.id, weight: 0.5 });
      expect(await slots.create(theirs)).toMatchObject({ variation_index: 0, weight: 0.5 });
      expect(await slots.create(slot())).toMatchObject({ name: "main", variation_index: 1 });
      expect(await slots.remove(first.id)).toBe(true);
      expect(await slots.remove(first.id)).toBe(false);
      expect(await slots.get(first.id)).toBeUndefined();
      expect(await slots.ownerOf(first.id)).toBe(first.project_id);
      expect(await slots.ownerOf(99_999)).toBeUndefined();
      expect(await slots.create(slot())).toMatchObject({ variation_index: 2 });
      await slots.check();
    });

    test("numbers stay different when slots are created at once", async () => {
      const { slots, slot } = await open(make);
      const made = await Promise.all(Array.from({ length: 6 }, () => slots.create(slot())));
      const numbers = made.map((one) => one.variation_index);
      expect(numbers.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    });

    test("refuses unknown projects, foreign models and weights out of range", async () => {
      const { slots, slot, own, foreign } = await open(make);
      const made = await slots.create(slot());
      for (const wrong of [
        { project_id: 99 },
        { trained_model_id: foreign.id },
        { trained_model_id: 99 },
        { weight: -1 },
        { weight: 100.5 },
        { weight: Number.NaN },
      ]) {
        await expect(slots.create(slot(wrong))).rejects.toThrow(RefusedError);
      }
      for (const wrong of [{ trained_model_id: foreign.id }, { weight: 101 }]) {
        await expect(slots.update(made.id, wrong)).rejects.toThrow(RefusedError);
      }
      expect(await slots.get(made.id)).toMatchObject({ trained_model_id: own.id, weight: 100 });
    });

    test("changes what is given and no more", async () => {
      const { slots, slot, clock } = await open(make);
      const made = await slots.create(slot());
      clock.advance(1_000);
      const changed = await slots.update(made.id, { weight: 0, is_active: false });
      expect(changed).toEqual({
        ...made,
        weight: 0,
        is_active: false,
        updated_at: iso(NOON + 1_000),
      });
      expect(await slots.update(made.id, { name: "b" })).toMatchObject({ name: "b", weight: 0 });
      expect(await slots.update(99, { name: "b" })).toBeUndefined();
    });

    test("routes to active slots with a weight, by a seed that stays", async () => {
      const { slots, slot, project, other } = await open(make);
      expect(await slots.routing(project)).toBeUndefined();
      expect(await slots.setMode(project, "random")).toBeUndefined();
      const made = [];
      for (const changes of [{}, { weight: 0 }, { is_active: false }, { weight: 0.5 }, {}]) {
        made.push(await slots.create(slot(changes)));
      }
      await slots.remove(made[4]?.id ?? 0);
      const routing = await slots.routing(project);
      expect(routing).toEqual({
        project_id: project,
        seed: expect.stringMatching(/.{16}/),
        mode: "sticky",
        slots: [made[0], made[3]],
        shadows: [],
      });
      expect(await slots.setMode(project, "random")).toEqual({ ...routing, mode: "random" });
      for (const one of made) await slots.remove(one.id);
      const empty = await slots.routing(project);
      expect(empty).toEqual({ ...routing, mode: "random", slots: [] });
      expect(await slots.routing(other)).toBeUndefined();
    });

    test("a shadow is routed to apart, and goes live in one step or not at all", async () => {
      const { slots, slot, project, other, foreign, clock } = await open(make);
      const live = await slots.create(slot());
      const shadow = await slots.create(slot({ is_shadow: true, weight: 20 }));
      const idle = await slots.create(slot({ is_shadow: true, weight: 0 }));
      const theirs = await slots.create(slot({ project_id: other, trained_model_id: foreign.id }));
      expect(shadow.is_shadow).toBe(true);
      expect(await slots.routing(project)).toMatchObject({ slots: [live], shadows: [shadow] });
      clock.advance(1);
      for (const [id, switch_off, weight] of [
        [shadow.id, [theirs.id], 50],
        [shadow.id, [live.id, 99], 50],
        [shadow.id, [shadow.id], 50],
        [live.id, [], 50],
        [shadow.id, [live.id], 101],
      ] as const) {
        const refused = slots.promote(id, { weight, switch_off });
        await expect(refused).rejects.toThrow(RefusedError);
      }
      expect(await slots.get(live.id)).toEqual(live);
      expect(await slots.promote(99, { weight: 1, switch_off: [] })).toBeUndefined();
      const promoted = await slots.promote(shadow.id, { weight: 60, switch_off: [live.id] });
      const updated_at = iso(NOON + 1);
      expect(promoted).toEqual({ ...shadow, is_shadow: false, weight: 60, updated_at });
      const routing = await slots.routing(project);
      expect(routing).toMatchObject({ slots: [promoted], shadows: [] });
      expect(await slots.get(live.id)).toEqual({ ...live, is_active: false, updated_at });
      expect(await slots.update(idle.id, { is_shadow: false })).toMatchObject({ is_shadow: false });
    });

    test("pages by project and activity", async () => {
      const { slots, slot, project, other, foreign } = await open(make);
      await slots.create(slot());
      await slots.create(slot({ project_id: other, trained_model_id: foreign.id }));
      await slots.create(slot({ is_active: false }));
      const ids = async (filter: object) =>
        (await slots.list({ offset: 0, limit: 9, ...filter })).rows.map(({ id }) => id);
      expect(await ids({})).toEqual([1, 2, 3]);
      expect(await ids({ project_id: project })).toEqual([1, 3]);
      expect(await ids({ project_id: project, is_active: false })).toEqual([3]);
      expect(await slots.list({ offset: 1, limit: 1 })).toMatchObject({
        count: 3,
        rows: [{ id: 2 }],
      });
    });
  });
}
