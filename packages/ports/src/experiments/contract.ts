import { describe, expect, test } from "vitest";

import { iso, NOON } from "../archive/contract-parts.ts";
import type { ManualClock } from "../clock/memory.ts";
import { RefusedError } from "../errors.ts";
import { KeyReusedError } from "../experiment-events/port.ts";
import type { Projects } from "../projects/port.ts";
import type { Experiments, NewExperiment } from "./port.ts";

const idOf = (n: number) => `0b8f7a52-6a5e-4c59-9d0a-${String(n).padStart(12, "0")}`;

function definition(changes: Partial<NewExperiment> = {}): NewExperiment {
  return {
    id: idOf(1),
    project_id: 1,
    name: "Order of '; tips",
    status: "draft",
    variations: [
      { index: 0, name: "control", weight: 0.4 },
      {
        index: 1,
        name: "new",
        weight: 0.6,
        ranking: { weights: { trend: 0.5, aversion: -1 }, mmr_lambda: 0, time_of_day: true },
      },
    ],
    hash_seed: "seed",
    hash_version: 2,
    coverage: 0.1,
    namespace: { id: "home", start: 0.25, end: 1 },
    conversion_window_hours: 168,
    metrics: [
      { name: "ctr", kind: "ratio", direction: "increase", guardrail: false, denominator: "x" },
    ],
    ...changes,
  };
}

/** Every promise of `Experiments`. */
export function experimentsContract(
  make: () => Promise<{ experiments: Experiments; projects: Projects; clock: ManualClock }>,
): void {
  async function open() {
    const parts = await make();
    parts.clock.set(NOON);
    for (const name of ["Shop", "Other"]) await parts.projects.create(name);
    return parts;
  }

  describe("Experiments", () => {
    test("gives back what was created; none under another id", async () => {
      const { experiments } = await open();
      const made = await experiments.create(definition());
      expect(made).toEqual({
        ...definition(),
        created_at: iso(NOON),
        updated_at: iso(NOON),
        started_at: null,
        stopped_at: null,
      });
      expect(await experiments.get(made.id)).toEqual(made);
      expect(await experiments.get(idOf(2))).toBeUndefined();
      await experiments.check();
    });

    test("refuses an unknown project and a taken id", async () => {
      const { experiments } = await open();
      await experiments.create(definition());
      await expect(experiments.create(definition())).rejects.toThrow(RefusedError);
      const lost = definition({ id: idOf(3), project_id: 99 });
      await expect(experiments.create(lost)).rejects.toThrow(RefusedError);
    });

    test("remembers its first start and its last end", async () => {
      const { experiments, clock } = await open();
      const { id } = await experiments.create(definition());
      const become = (status: "running" | "stopped" | "archived") => {
        clock.advance(1_000);
        return experiments.update(id, () => ({ status }));
      };
      const started = iso(NOON + 1_000);
      expect(await become("running")).toMatchObject({ started_at: started, stopped_at: null });
      const stopped = iso(NOON + 2_000);
      expect(await become("stopped")).toMatchObject({ started_at: started, stopped_at: stopped });
      expect(await become("running")).toMatchObject({ started_at: started, stopped_at: null });
      await become("stopped");
      expect(await become("archived")).toMatchObject({
        status: "archived",
        started_at: started,
        stopped_at: iso(NOON + 4_000),
        updated_at: iso(NOON + 5_000),
      });
      const running = await experiments.create(definition({ id: idOf(2), status: "running" }));
      expect(running.started_at).toBe(iso(NOON + 5_000));
    });

    test("changes what is given; a change that throws leaves all as it is", async () => {
      const { experiments } = await open();
      const made = await experiments.create(definition());
      const changed = await experiments.update(made.id, (now) => ({
        name: `${now.name}!`,
        coverage: 1,
        namespace: null,
      }));
      expect(changed).toEqual({ ...made, name: `${made.name}!`, coverage: 1, namespace: null });
      const refuse = experiments.update(made.id, () => {
        throw new Error("no");
      });
      await expect(refuse).rejects.toThrow("no");
      expect(await experiments.get(made.id)).toEqual(changed);
      expect(await experiments.update(idOf(9), () => ({ name: "x" }))).toBeUndefined();
    });

    test("of changes at one time none is lost", async () => {
      const { experiments } = await open();
      const { id } = await experiments.create(definition({ name: "" }));
      const add = () => experiments.update(id, ({ name }) => ({ name: `${name}+` }));
      await Promise.all(Array.from({ length: 8 }, add));
      expect((await experiments.get(id))?.name).toBe("++++++++");
    });

    test("a promotion stops the experiment and sets the project's ranking, once a key", async () => {
      const { experiments, clock } = await open();
      const { id } = await experiments.create(definition({ status: "running" }));
      const refuse = experiments.promote(id, () => {
        throw new Error("no");
      });
      await expect(refuse).rejects.toThrow("no");
      expect((await experiments.get(id))?.status).toBe("running");
      clock.advance(7);
      const once = { key: "k", digest: "d" };
      const seen: unknown[] = [];
      const promote = (n: number, key = once) =>
        experiments.promote(
          id,
          ({ status }, ranking) => {
            seen.push([status, ranking]);
            return { variation_index: 1, ranking: { mmr_lambda: n } };
          },
          key,
        );
      const at = iso(NOON + 7);
      const first = await promote(0.5);
      expect(first).toMatchObject({
        experiment: { status: "stopped", stopped_at: at },
        ranking: {
          project_id: 1,
          ranking: { mmr_lambda: 0.5 },
          experiment_id: id,
          variation_index: 1,
          updated_at: at,
        },
        replayed: false,
      });
      expect(await promote(0.25)).toEqual({ ...first, replayed: true });
      await expect(promote(0.25, { key: "k", digest: "other" })).rejects.toThrow(KeyReusedError);
      await promote(0.75, { key: "k2", digest: "d" });
      expect(seen).toEqual([
        ["running", undefined],
        ["stopped", { mmr_lambda: 0.5 }],
      ]);
      const kept = await experiments.promote(id, () => ({
        variation_index: 0,
        ranking: undefined,
      }));
      expect(kept?.ranking).toMatchObject({ ranking: { mmr_lambda: 0.75 }, variation_index: 1 });
      expect(await experiments.promote(idOf(9), () => ({}) as never)).toBeUndefined();
    });

    test("a project's ranking is set and taken away by hand", async () => {
      const { experiments } = await open();
      const page = { offset: 0, limit: 9 };
      expect(await experiments.rankings(page)).toEqual({ count: 0, rows: [] });
      await experiments.setRanking(2, { serendipity: true });
      const set = await experiments.setRanking(1, { weights: { trend: 0.5 } });
      const none = { experiment_id: null, variation_index: null, updated_at: iso(NOON) };
      expect(set).toEqual({ project_id: 1, ranking: { weights: { trend: 0.5 } }, ...none });
      const all = await experiments.rankings(page);
      expect(all.rows.map(({ project_id }) => project_id)).toEqual([1, 2]);
      expect(await experiments.rankings({ ...page, project_id: 1 })).toEqual({
        count: 1,
        rows: [set],
      });
      expect(await experiments.setRanking(1, null)).toBeNull();
      expect(await experiments.rankings(page)).toMatchObject({ rows: [{ project_id: 2 }] });
      await expect(experiments.setRanking(99, {})).rejects.toThrow(RefusedError);
    });

    test("pages newest first, by project and status", async () => {
      const { experiments, clock } = await open();
      for (const n of [1, 2, 3]) {
        await experiments.create(definition({ id: idOf(n), project_id: n === 2 ? 2 : 1 }));
        clock.advance(1);
      }
      await experiments.update(idOf(1), () => ({ status: "running" }));
      const ids = async (filter: object) =>
        (await experiments.list({ offset: 0, limit: 9, ...filter })).rows.map(({ id }) => id);
      expect(await ids({})).toEqual([idOf(3), idOf(2), idOf(1)]);
      expect(await ids({ project_id: 1 })).toEqual([idOf(3), idOf(1)]);
      expect(await ids({ project_id: 1, status: "running" })).toEqual([idOf(1)]);
      const second = await experiments.list({ offset: 1, limit: 1 });
      expect(second).toMatchObject({ count: 3, rows: [{ id: idOf(2) }] });
    });
  });
}
