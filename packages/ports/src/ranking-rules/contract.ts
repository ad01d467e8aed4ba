import { describe, expect, test } from "vitest";

import { iso, NOON } from "../archive/contract-parts.ts";
import type { ManualClock } from "../clock/memory.ts";
import { RefusedError } from "../errors.ts";
import type { Projects } from "../projects/port.ts";
import type { NewRankingRule, RankingRules } from "./port.ts";

const given: NewRankingRule = {
  project_id: 1,
  name: "summer",
  kind: "pin",
  item_id: "t1",
  tag: null,
  place: 2,
  strength: null,
  from: iso(NOON),
  until: null,
  placement: "home",
  segment: { trait: "plan", value: "pro" },
  is_active: true,
};

/** Every promise of `RankingRules`. */
export function rankingRulesContract(
  make: () => Promise<{ rankingRules: RankingRules; projects: Projects; clock: ManualClock }>,
): void {
  async function open() {
    const parts = await make();
    parts.clock.set(NOON);
    for (const name of ["Shop", "Other"]) await parts.projects.create(name);
    return parts;
  }

  describe("RankingRules", () => {
    test("gives back what was created and what was changed", async () => {
      const { rankingRules: rules, clock } = await open();
      const made = await rules.create(given);
      expect(made).toEqual({ ...given, id: 1, created_at: iso(NOON), updated_at: iso(NOON) });
      clock.advance(5);
      const changed = await rules.update(1, ({ place }) => ({ place: (place ?? 0) + 1 }));
      expect(changed).toEqual({ ...made, place: 3, updated_at: iso(NOON + 5) });
      expect(await rules.get(1)).toEqual(changed);
      expect(await rules.get(2)).toBeUndefined();
      expect(await rules.update(2, () => ({ name: "x" }))).toBeUndefined();
      await rules.check();
    });

    test("refuses unknown projects; a change that throws changes nothing", async () => {
      const { rankingRules: rules } = await open();
      await expect(rules.create({ ...given, project_id: 99 })).rejects.toThrow(RefusedError);
      const made = await rules.create(given);
      const refuse = rules.update(made.id, () => {
        throw new Error("no");
      });
      await expect(refuse).rejects.toThrow("no");
      expect(await rules.get(made.id)).toEqual(made);
    });

    test("pages by project and activity; what was removed is gone and its id stays taken", async () => {
      const { rankingRules: rules } = await open();
      for (const project_id of [1, 2, 1]) await rules.create({ ...given, project_id });
      await rules.update(3, () => ({ is_active: false }));
      const ids = async (filter: object) =>
        (await rules.list({ offset: 0, limit: 9, ...filter })).rows.map(({ id }) => id);
      expect(await ids({})).toEqual([1, 2, 3]);
      expect(await ids({ project_id: 1 })).toEqual([1, 3]);
      expect(await ids({ project_id: 1, is_active: true })).toEqual([1]);
      expect(await rules.list({ offset: 1, limit: 1 })).toMatchObject({
        count: 3,
        rows: [{ id: 2 }],
      });
      expect(await rules.remove(3)).toBe(true);
      expect(await rules.remove(3)).toBe(false);
      expect((await rules.create(given)).id).toBe(4);
      expect(await ids({ project_id: 1 })).toEqual([1, 4]);
    });
  });
}
