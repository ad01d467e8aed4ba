import { describe, expect, test } from "vitest";

import { RefusedError } from "../errors.ts";
import { KeyReusedError } from "./port.ts";
import {
  converted,
  CLICKS,
  DAY,
  EXPERIMENT,
  exposed,
  iso,
  keyOf,
  NOON,
  OTHER,
  slotEvent,
  type MakeExperimentEvents,
} from "./under-test.ts";

export function countingTests(make: MakeExperimentEvents): void {
  describe("ExperimentEvents counts", () => {
    test("a unit once; the first by event time stands and a flip is counted once", async () => {
      const { events } = await make();
      const at = (variation_index: number, minute: number) =>
        exposed({ variation_index, occurred_at: iso(NOON + minute * 60_000) });
      const first = await events.recordExposures(1, [at(1, 5), exposed({ unit: "u2" })]);
      expect(first).toEqual({
        recorded: 2,
        deduplicated: 0,
        flipped: 0,
        erased: [],
        replayed: false,
      });
      const earlier = await events.recordExposures(1, [at(0, 1), at(0, 1), at(1, 9)]);
      expect(earlier).toMatchObject({ recorded: 0, deduplicated: 3, flipped: 1 });
      expect(await events.recordExposures(1, [at(2, 3)])).toMatchObject({ flipped: 0 });
      expect(await events.ingestion(EXPERIMENT)).toMatchObject({
        exposures_total: 2,
        exposure_counts: [{ variation_index: 0, count: 2 }],
        flipped_total: 1,
      });
      const alone = exposed({ experiment_id: OTHER, unit: "u1", variation_index: 1 });
      const both = [alone, { ...alone, variation_index: 0, occurred_at: iso(NOON + 1) }];
      expect(await events.recordExposures(1, both)).toMatchObject({ recorded: 1, flipped: 1 });
      expect((await events.ingestion(OTHER)).exposure_counts).toEqual([
        { variation_index: 1, count: 1 },
      ]);
    });

    test("a conversion once a key; the earliest telling stands; ours count each", async () => {
      const { events } = await make();
      const late = converted({ dedup_key: "k:1", value: 5, occurred_at: iso(NOON + 9) });
      const early = converted({ dedup_key: "k:1", value: 7, metric: "purchase" });
      const own = [1, 2].map((n) => converted({ dedup_key: `r${n}`, keyed: false }));
      expect(await events.recordConversions(1, [late, ...own])).toMatchObject({ recorded: 3 });
      const again = await events.recordConversions(1, [early, late]);
      expect(again).toMatchObject({ recorded: 0, deduplicated: 2 });
      expect(await events.ingestion(EXPERIMENT)).toMatchObject({
        conversions_total: 3,
        without_key: 2,
        conversion_counts: [
          { metric: "click", count: 2, value_sum: 2 },
          { metric: "purchase", count: 1, value_sum: 7 },
        ],
      });
      // Told again under the key that is ours, it stays what it was.
      await events.recordConversions(1, [converted({ dedup_key: "r1" })]);
      expect((await events.ingestion(EXPERIMENT)).without_key).toBe(2);
    });

    test("a call of one key writes once and answers the same; another body is refused", async () => {
      const { events, clock } = await make();
      clock.set(NOON);
      const once = { key: "call", digest: "d1" };
      const rows = [converted({ dedup_key: "a", keyed: false })];
      const first = await events.recordConversions(1, rows, once);
      const again = await events.recordConversions(
        1,
        [converted({ dedup_key: "b", keyed: false })],
        once,
      );
      expect(again).toEqual({ ...first, replayed: true });
      expect((await events.ingestion(EXPERIMENT)).conversions_total).toBe(1);
      const other = events.recordConversions(1, rows, { key: "call", digest: "d2" });
      await expect(other).rejects.toThrow(KeyReusedError);
      expect(await events.recordExposures(2, [], once)).toMatchObject({ replayed: false });
      expect(await events.pruneKeys(NOON)).toBe(0);
      expect(await events.pruneKeys(NOON + 1)).toBe(2);
      expect(await events.recordExposures(1, [], once)).toMatchObject({ replayed: false });
    });

    test("two calls of one key at once write once", async () => {
      const { events } = await make();
      const once = { key: "twin", digest: "d" };
      const calls = Array.from({ length: 6 }, (_, n) =>
        events.recordConversions(1, [converted({ dedup_key: `x${n}`, keyed: false })], once),
      );
      const answers = await Promise.all(calls);
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect((await events.ingestion(EXPERIMENT)).conversions_total).toBe(1);
    });

    test("slot events keep what they were told; impressions once a slot and request", async () => {
      const { events, clock } = await make();
      clock.set(NOON + DAY);
      const shown = slotEvent({ metadata: `{"place": "top"}`, value: 2.5 });
      expect(await events.recordSlotEvents(1, [shown, shown])).toMatchObject({
        recorded: 1,
        deduplicated: 1,
      });
      const { event_id: _, ...row } = shown;
      expect(await events.slotEvent(1, "i:1:r1")).toEqual({
        ...row,
        id: expect.any(Number),
        project_id: 1,
        metadata: { place: "top" },
        stored_at: iso(NOON + DAY),
      });
      expect(await events.slotEvent(2, "i:1:r1")).toBeUndefined();
      await events.recordSlotEvents(1, [slotEvent({ dedup_key: "k:c", event_type: "click" })]);
      await events.recordSlotEvents(2, [slotEvent({ slot_id: 9 })]);
      const page = { offset: 0, limit: 10 };
      const types = async (filter: object) =>
        (await events.slotEvents({ ...page, ...filter })).rows.map((one) => one.event_type);
      expect(await types({ project_id: 1 })).toEqual(["click", "impression"]);
      expect(await types({ slot_id: 1, event_type: "click" })).toEqual(["click"]);
      expect(await events.slotEvents({ offset: 2, limit: 1 })).toMatchObject({
        count: 3,
        rows: [{ event_type: "impression" }],
      });
    });

    test("refuses ids that no row holds, and answers nothing for nothing", async () => {
      const { events } = await make();
      const bad = events.recordExposures(1, [exposed(), exposed({ unit: "a\0b" })]);
      await expect(bad).rejects.toThrow(RefusedError);
      expect((await events.ingestion(EXPERIMENT)).exposures_total).toBe(0);
      expect(await events.recordExposures(1, [])).toMatchObject({ recorded: 0 });
      await events.check();
    });
  });

  describe("an erasure", () => {
    test("removes a person's rows under either kind of id, counts them, and what is late dies", async () => {
      const { events, archive, clock } = await make();
      clock.set(NOON);
      const link = {
        project_id: 1,
        user_id: "u1",
        anonymous_id: "d1",
        kind: "identified" as const,
      };
      const times = { occurred_at: iso(NOON), received_at: iso(NOON) };
      await archive.put([{ event_id: "m1", ...link, ...times }]);
      const mine = [exposed(), exposed({ unit: "d1" })];
      await events.recordExposures(1, [...mine, exposed({ unit: "u2" })]);
      await events.recordConversions(1, [converted({ dedup_key: "k:1" })]);
      await events.recordSlotEvents(1, [
        slotEvent(),
        slotEvent({ user_id: "u2", request_id: "r2" }),
      ]);
      const erased = await archive.erase(1, keyOf("u1"), NOON + 5);
      expect(erased.removed).toEqual({ archive: 1, dead_letters: 0, experiments: 4 });
      expect((await archive.erasureOf(1, keyOf("u1")))?.removed.experiments).toBe(4);
      expect(await events.ingestion(EXPERIMENT)).toMatchObject({
        exposures_total: 1,
        conversions_total: 0,
      });
      const late = await events.recordExposures(1, [...mine, exposed({ unit: "u3" })]);
      expect(late).toMatchObject({ recorded: 1, deduplicated: 0, erased: [0, 1] });
      const redelivered = exposed({ occurred_at: iso(NOON + DAY), event_id: "m1" });
      const fresh = exposed({ occurred_at: iso(NOON + DAY), event_id: "m2" });
      expect(await events.recordExposures(1, [redelivered])).toMatchObject({ erased: [0] });
      expect(await events.recordExposures(1, [fresh])).toMatchObject({ recorded: 1 });
    });

    test("beside writers leaves nothing older behind", async () => {
      const { events, archive } = await make();
      const write = (n: number) => [
        events.recordExposures(1, [exposed({ variation_index: n })]),
        events.recordConversions(1, [converted({ dedup_key: `k:${n}` })]),
      ];
      const before = Array.from({ length: 5 }, (_, n) => write(n)).flat();
      const gone = archive.erase(1, keyOf("u1"), NOON);
      const after = Array.from({ length: 5 }, (_, n) => write(n + 5)).flat();
      await Promise.all([...before, gone, ...after]);
      const left = await events.totals({ experiment_id: EXPERIMENT, metrics: [CLICKS] });
      expect(left.arms).toEqual([]);
      expect((await events.ingestion(EXPERIMENT)).conversions_total).toBe(0);
    });
  });
}
