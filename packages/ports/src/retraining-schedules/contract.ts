import { describe, expect, test } from "vitest";

import { iso, NOON } from "../archive/contract-parts.ts";
import { RefusedError } from "../errors.ts";
import { runSpec, twoProjects, type MakeTraining } from "../model-catalogue/under-test.ts";

async function open(make: MakeTraining) {
  const parts = await twoProjects(make);
  const { project, other, modelCatalogue } = parts;
  const own = await modelCatalogue.create({ project_id: project, kind: "ease" });
  const foreign = await modelCatalogue.create({ project_id: other, kind: "ease" });
  const schedule = (changes: object = {}) => ({
    project_id: project,
    trained_model_id: own.id,
    cron_expression: "0 2 * * 0",
    is_enabled: true,
    spec: runSpec(),
    next_run_at: iso(NOON + 1_000),
    ...changes,
  });
  return { ...parts, schedules: parts.retrainingSchedules, own, foreign, schedule };
}

/** Every promise of `RetrainingSchedules`. */
export function retrainingSchedulesContract(make: MakeTraining): void {
  describe("RetrainingSchedules", () => {
    test("gives back what was created, changed and removed", async () => {
      const { schedules, schedule, clock, foreign } = await open(make);
      const made = await schedules.create(schedule());
      expect(made).toEqual({
        ...schedule(),
        id: 1,
        last_run_at: null,
        last_run_status: null,
        created_at: iso(NOON),
        updated_at: iso(NOON),
      });
      clock.advance(1_000);
      const changes = { is_enabled: false, next_run_at: null, spec: runSpec({ seed: 9 }) };
      const changed = await schedules.update(1, changes);
      expect(changed).toEqual({ ...made, ...changes, updated_at: iso(NOON + 1_000) });
      expect(await schedules.get(1)).toEqual(changed);
      expect(await schedules.list({ offset: 0, limit: 5 })).toEqual({ count: 1, rows: [changed] });
      const wrong = { trained_model_id: foreign.id };
      await expect(schedules.create(schedule(wrong))).rejects.toThrow(RefusedError);
      await expect(schedules.update(1, wrong)).rejects.toThrow(RefusedError);
      await expect(schedules.create(schedule({ project_id: 99 }))).rejects.toThrow(RefusedError);
      expect(await schedules.update(99, {})).toBeUndefined();
      expect(await schedules.remove(1)).toBe(true);
      expect(await schedules.remove(1)).toBe(false);
      expect(await schedules.get(1)).toBeUndefined();
      await schedules.check();
    });

    test("the due ones, oldest first", async () => {
      const { schedules, schedule } = await open(make);
      for (const at of [3, 1, 2]) await schedules.create(schedule({ next_run_at: iso(NOON + at) }));
      await schedules.create(schedule({ next_run_at: iso(NOON), is_enabled: false }));
      await schedules.create(schedule({ next_run_at: null }));
      const due = async (at: number, limit = 9) =>
        (await schedules.due(NOON + at, limit)).map(({ id }) => id);
      expect(await due(0)).toEqual([]);
      expect(await due(2)).toEqual([2, 3]);
      expect(await due(9)).toEqual([2, 3, 1]);
      expect(await due(9, 1)).toEqual([2]);
    });

    test("fires once however many see it due, and shows what became of the run", async () => {
      const { schedules, schedule, trainingRuns, clock } = await open(make);
      const made = await schedules.create(schedule());
      clock.advance(1_000);
      const next = iso(NOON + 60_000);
      const fired = await Promise.all([1, 2, 3].map(() => schedules.fire(made, next)));
      const runs = fired.filter((run) => run !== undefined);
      expect(runs).toHaveLength(1);
      expect(runs[0]).toMatchObject({ trigger: "schedule", retraining_schedule_id: made.id });
      expect(await schedules.get(made.id)).toMatchObject({
        next_run_at: next,
        last_run_at: iso(NOON + 1_000),
        last_run_status: "PENDING",
      });
      const again = { ...made, next_run_at: next };
      expect(await schedules.fire(again, null)).toBeUndefined();
      expect(await schedules.get(made.id)).toMatchObject({ next_run_at: null });
      expect(await schedules.trigger(made.id)).toBeUndefined();
      await trainingRuns.cancel(runs[0]?.id ?? 0);
      expect(await schedules.get(made.id)).toMatchObject({ last_run_status: "CANCELLED" });
      expect(await schedules.trigger(made.id)).toMatchObject({ id: 2, status: "PENDING" });
      expect(await schedules.trigger(99)).toBeUndefined();
      expect((await trainingRuns.list({ offset: 0, limit: 9 })).count).toBe(2);
    });

    test("one that was switched off or moved since is left alone", async () => {
      const { schedules, schedule } = await open(make);
      const made = await schedules.create(schedule());
      await schedules.update(made.id, { is_enabled: false });
      expect(await schedules.fire(made, null)).toBeUndefined();
      await schedules.update(made.id, { is_enabled: true, next_run_at: iso(NOON + 5) });
      expect(await schedules.fire(made, null)).toBeUndefined();
      expect(await schedules.get(made.id)).toMatchObject({ next_run_at: iso(NOON + 5) });
    });

    test("reads the newest upload unless one is named", async () => {
      const { schedules, schedule, trainingData, project } = await open(make);
      const spec = runSpec({ source: "training_data" });
      const { id } = await schedules.create(schedule({ spec }));
      expect(await schedules.trigger(id)).toMatchObject({ spec: { training_data_id: null } });
      const upload = () =>
        trainingData.store(
          { project_id: project, filename: "r", columns: [] },
          (async function* () {
            yield [{ user_id: "u", item_id: "i", weight: 1 }];
          })(),
        );
      const first = await upload();
      const second = await upload();
      const more = await schedules.create(schedule({ spec }));
      const run = await schedules.trigger(more.id);
      expect(run?.spec).toEqual({ ...spec, training_data_id: second.id });
      const named = runSpec({ source: "training_data", training_data_id: first.id });
      const fixed = await schedules.create(schedule({ spec: named }));
      expect(await schedules.trigger(fixed.id)).toMatchObject({ spec: named });
    });
  });
}
