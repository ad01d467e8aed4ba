import { describe, expect, test } from "vitest";

import { iso, NOON } from "../archive/contract-parts.ts";
import { RefusedError } from "../errors.ts";
import { twoProjects, type MakeTraining } from "../model-catalogue/under-test.ts";

/** Every promise of `ModelConfigurations`. */
export function modelConfigurationsContract(make: MakeTraining): void {
  describe("ModelConfigurations", () => {
    test("are created, changed, listed and removed; names are unique in a project", async () => {
      const { modelConfigurations: rows, project, other, clock } = await twoProjects(make);
      const wish = { project_id: project, name: "a", kind: "ials", parameters: { dim: [8, 16] } };
      const made = await rows.create(wish);
      expect(made).toEqual({ ...wish, id: 1, created_at: iso(NOON), updated_at: iso(NOON) });
      await expect(rows.create(wish)).rejects.toThrow(RefusedError);
      await expect(rows.create({ ...wish, project_id: 99 })).rejects.toThrow(RefusedError);
      const theirs = await rows.create({ ...wish, project_id: other });
      const second = await rows.create({ ...wish, name: "b" });
      await expect(rows.update(second.id, { name: "a" })).rejects.toThrow(RefusedError);
      clock.advance(1_000);
      const changed = await rows.update(second.id, { parameters: {}, name: "b" });
      expect(changed).toEqual({ ...second, parameters: {}, updated_at: iso(NOON + 1_000) });
      expect(await rows.get(second.id)).toEqual(changed);
      expect(await rows.list({ project_id: project, offset: 0, limit: 9 })).toEqual({
        count: 2,
        rows: [made, changed],
      });
      expect((await rows.list({ offset: 1, limit: 1 })).rows).toEqual([theirs]);
      expect(await rows.remove(second.id)).toBe(true);
      expect(await rows.remove(second.id)).toBe(false);
      expect(await rows.get(second.id)).toBeUndefined();
      expect(await rows.update(99, { name: "c" })).toBeUndefined();
    });
  });
}
