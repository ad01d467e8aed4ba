import { describe, expect, test } from "vitest";

import { iso, NOON } from "../archive/contract-parts.ts";
import { RefusedError } from "../errors.ts";
import { newVersion, runSpec, twoProjects, type MakeTraining } from "./under-test.ts";

/** Every promise of `ModelCatalogue`. */
export function modelCatalogueContract(make: MakeTraining): void {
  describe("ModelCatalogue", () => {
    test("gives back what was created, and names a model that was given no name", async () => {
      const { modelCatalogue: models, project, other } = await twoProjects(make);
      const made = await models.create({ project_id: project, name: `x '; "--`, kind: "auto" });
      expect(made).toEqual({
        id: 1,
        project_id: project,
        name: `x '; "--`,
        kind: "auto",
        version: null,
        last_version: 0,
        created_at: iso(NOON),
        updated_at: iso(NOON),
      });
      expect(await models.get(1)).toEqual(made);
      expect(await models.get(99)).toBeUndefined();
      expect(await models.create({ project_id: other, kind: "ease" })).toMatchObject({
        name: "model 2",
      });
      expect(await models.served([1, 2, 99])).toEqual([]);
      await expect(models.create({ project_id: 99, kind: "ease" })).rejects.toThrow(RefusedError);
      await models.check();
    });

    test("names are free in other projects and after a removal, else taken", async () => {
      const { modelCatalogue: models, project, other } = await twoProjects(make);
      const made = await models.create({ project_id: project, name: "a", kind: "ease" });
      await models.create({ project_id: other, name: "a", kind: "ease" });
      const wish = { project_id: project, name: "a", kind: "ials" };
      await expect(models.create(wish)).rejects.toThrow(RefusedError);
      const second = await models.create({ ...wish, name: "b" });
      await expect(models.rename(second.id, "a")).rejects.toThrow(RefusedError);
      expect(await models.rename(second.id, "b")).toMatchObject({ name: "b" });
      expect(await models.rename(99, "c")).toBeUndefined();
      expect(await models.remove(made.id)).toBe(true);
      expect(await models.remove(made.id)).toBe(false);
      expect(await models.get(made.id)).toBeUndefined();
      expect(await models.rename(made.id, "z")).toBeUndefined();
      expect(await models.rename(second.id, "a")).toMatchObject({ id: second.id, name: "a" });
    });

    test("versions count from 1 without gaps; of two that race for a number one gets it", async () => {
      const { modelCatalogue: models, project, other, clock } = await twoProjects(make);
      const made = await models.create({ project_id: project, kind: "auto" });
      const first = newVersion(made, 1);
      clock.advance(1_000);
      expect(await models.register(first, { serve: false })).toEqual({
        ...first,
        training_run_id: null,
        created_at: iso(NOON + 1_000),
      });
      expect(await models.get(made.id)).toMatchObject({
        version: null,
        last_version: 1,
        updated_at: iso(NOON + 1_000),
      });
      for (const version of [0, 1, 3]) {
        const wrong = models.register(newVersion(made, version), { serve: true });
        await expect(wrong).rejects.toThrow(RefusedError);
      }
      const foreign = { ...newVersion(made, 2), project_id: other };
      await expect(models.register(foreign, { serve: true })).rejects.toThrow(RefusedError);
      const race = await Promise.allSettled(
        [1, 2, 3].map(() => models.register(newVersion(made, 2), { serve: true })),
      );
      expect(race.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await models.get(made.id)).toMatchObject({ version: 2, last_version: 2 });
    });

    test("an older version serves again by promotion", async () => {
      const { modelCatalogue: models, project } = await twoProjects(make);
      const made = await models.create({ project_id: project, kind: "auto" });
      const bare = { data_from: null, data_to: null, git_version: null, file: "f" };
      await models.register(newVersion(made, 1, bare), { serve: true });
      await models.register(newVersion(made, 2, { kind: "ials" }), { serve: true });
      expect(await models.served([made.id, 99, made.id])).toEqual([
        {
          trained_model_id: made.id,
          project_id: project,
          version: 2,
          kind: "ials",
          file: `${made.id}/2-0123456789ab.spm`,
          sha256: "ab".repeat(32),
          bytes: 5_000_000_000,
          created_at: iso(NOON),
        },
      ]);
      expect(await models.promote(made.id, 1)).toMatchObject({ version: 1, last_version: 2 });
      expect(await models.served([made.id])).toMatchObject([{ version: 1, file: "f" }]);
      expect(await models.promote(made.id, 3)).toBeUndefined();
      expect(await models.promote(99, 1)).toBeUndefined();
      expect(await models.get(made.id)).toMatchObject({ version: 1 });
      expect(await models.version(made.id, 1)).toMatchObject(bare);
      expect(await models.version(made.id, 3)).toBeUndefined();
      const page = await models.versions(made.id, { offset: 0, limit: 1 });
      expect(page).toMatchObject({ count: 2, rows: [{ version: 2 }] });
      await models.remove(made.id);
      expect(await models.served([made.id])).toEqual([]);
      expect(await models.promote(made.id, 1)).toBeUndefined();
    });

    test("remembers every change of what serves: why, by which key or run, from what to what", async () => {
      const parts = await twoProjects(make);
      const { modelCatalogue: models, project, clock } = parts;
      const made = await models.create({ project_id: project, kind: "ease" });
      await models.register(newVersion(made, 1), { serve: false, key_id: 3 });
      await models.register(newVersion(made, 2), { serve: true, key_id: 3 });
      const spec = runSpec();
      const wish = { trained_model_id: made.id, trigger: "create", spec } as const;
      const run = await parts.trainingRuns.request(wish);
      const lease = await parts.trainingRuns.claim({ worker: "w", lease_ms: 1_000 });
      if (lease === undefined) throw new Error("nothing waits");
      const version = newVersion(made, 3);
      await parts.trainingRuns.complete(lease, { version, serve: true, metrics: {} });
      clock.advance(5);
      await models.promote(made.id, 1, { key_id: 7 });
      await models.promote(made.id, 1);
      await models.promote(made.id, 9);
      await models.promote(made.id, 2);
      await models.remove(made.id, { key_id: 8 });
      const at = { project_id: project, trained_model_id: made.id };
      const page = await models.history(made.id, { offset: 0, limit: 9 });
      expect(page.rows.map(({ changed_at }) => changed_at)).toEqual(
        [5, 5, 5, 0, 0].map((ms) => iso(NOON + ms)),
      );
      expect(page.rows).toMatchObject(
        [
          { cause: "removal", from_version: 2, to_version: null, key_id: 8 },
          { cause: "promotion", from_version: 1, to_version: 2 },
          { cause: "roll_back", from_version: 3, to_version: 1, key_id: 7 },
          { cause: "run", from_version: 2, to_version: 3, training_run_id: run.id },
          { cause: "import", from_version: null, to_version: 2, key_id: 3 },
        ].map((row) => ({ ...at, training_run_id: null, key_id: null, ...row })),
      );
      const second = await models.history(made.id, { offset: 1, limit: 1 });
      expect(second).toMatchObject({ count: 5, rows: [{ cause: "promotion" }] });
      expect(await models.history(99, { offset: 0, limit: 1 })).toEqual({ count: 0, rows: [] });
    });

    test("pages by project, in the order of ids", async () => {
      const { modelCatalogue: models, project, other } = await twoProjects(make);
      const ids = [];
      for (const id of [project, other, project, project]) {
        ids.push((await models.create({ project_id: id, kind: "ease" })).id);
      }
      await models.remove(ids[2] as number);
      const own = await models.list({ project_id: project, offset: 1, limit: 5 });
      expect(own).toMatchObject({ count: 2, rows: [{ id: ids[3] }] });
      const all = await models.list({ offset: 0, limit: 2 });
      expect(all.count).toBe(3);
      expect(all.rows.map(({ id }) => id)).toEqual([ids[0], ids[1]]);
    });

    test("stays while a slot or a run needs it", async () => {
      const parts = await twoProjects(make);
      const { modelCatalogue: models, project } = parts;
      const made = await models.create({ project_id: project, kind: "ease" });
      const slot = await parts.deploymentSlots.create({
        project_id: project,
        name: "s",
        trained_model_id: made.id,
        weight: 1,
        is_active: false,
      });
      await expect(models.remove(made.id)).rejects.toThrow(RefusedError);
      await parts.deploymentSlots.remove(slot.id);
      const run = { trained_model_id: made.id, trigger: "create", spec: runSpec() } as const;
      const { id } = await parts.trainingRuns.request(run);
      await expect(models.remove(made.id)).rejects.toThrow(RefusedError);
      await parts.trainingRuns.cancel(id);
      expect(await models.remove(made.id)).toBe(true);
      await expect(parts.trainingRuns.request(run)).rejects.toThrow(RefusedError);
    });
  });
}
