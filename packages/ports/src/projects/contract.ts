import { describe, expect } from "vitest";

import { iso, NOON, type Skip, testsBut } from "../archive/contract-parts.ts";
import type { ManualClock } from "../clock/memory.ts";
import { RefusedError } from "../errors.ts";
import type { Projects } from "./port.ts";

/** Every promise of `Projects`. `make` answers an empty one whose clock is `clock`. */
export function projectsContract(
  make: () => Promise<{ projects: Projects; clock: ManualClock }>,
  skip: Skip = {},
): void {
  const it = testsBut(skip);

  describe("Projects", () => {
    it("counts ids from 1 and gives back what was created", async () => {
      const { projects, clock } = await make();
      clock.set(NOON);
      const first = await projects.create(`Shop '; "--`);
      expect(first).toEqual({ id: 1, name: `Shop '; "--`, createdAt: iso(NOON) });
      const second = await projects.create("Same name");
      const third = await projects.create("Same name");
      expect(await projects.get(1)).toEqual(first);
      expect(await projects.get(99)).toBeUndefined();
      expect(await projects.list({ offset: 1, limit: 1 })).toEqual({
        count: 3,
        projects: [second],
      });
      expect(await projects.list({ offset: 2, limit: 9 })).toEqual({ count: 3, projects: [third] });
    });

    it("keeps a project's own event map until it is taken back", async () => {
      const { projects } = await make();
      const { id } = await projects.create("Shop");
      expect(await projects.eventMap(id)).toBeUndefined();
      const map = { version: 1, events: [{ name: "Tip 'Done'", kind: "feedback", weight: 0.1 }] };
      await projects.setEventMap(id, map);
      expect(await projects.eventMap(id)).toEqual(map);
      await projects.setEventMap(id, ["a list"]);
      expect(await projects.eventMap(id)).toEqual(["a list"]);
      await projects.setEventMap(id, undefined);
      expect(await projects.eventMap(id)).toBeUndefined();
      expect(await projects.eventMap(99)).toBeUndefined();
      await expect(projects.setEventMap(99, map)).rejects.toThrow(RefusedError);
    });
  });
}
