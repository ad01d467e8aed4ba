import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  CLICKS,
  converted,
  EXPERIMENT,
  exposed,
  HOUR,
  iso,
  NOON,
  OTHER,
  RATIO,
  REVENUE,
  slotEvent,
  type ExperimentEventsParts,
  type MakeExperimentEvents,
} from "./under-test.ts";

const id = fc.constantFrom(EXPERIMENT, OTHER);
const unit = fc.constantFrom("a", "b", "é", "𝄞", "zz");
const at = fc.integer({ min: -3, max: 3 }).map((n) => iso(NOON + n * HOUR));
const quarter = fc.integer({ min: -8, max: 40 }).map((n) => n / 4);

const exposure = fc
  .record({
    experiment_id: id,
    unit,
    variation_index: fc.nat({ max: 3 }),
    occurred_at: at,
    is_bot: fc.boolean(),
  })
  .map((row) => exposed(row));
const conversion = fc
  .record({
    experiment_id: id,
    unit,
    metric: fc.constantFrom("click", "purchase"),
    value: quarter,
    occurred_at: at,
    is_bot: fc.boolean(),
    keyed: fc.boolean(),
    dedup_key: fc.nat({ max: 9 }).map((n) => `k:${n}`),
  })
  .map((row) => converted(row));
const slot = fc
  .record({
    slot_id: fc.constantFrom(1, 2),
    event_type: fc.constantFrom("impression" as const, "click" as const, "purchase" as const),
    user_id: unit,
    item_id: fc.constantFrom("", "t1"),
    value: fc.option(quarter),
    occurred_at: at,
    is_bot: fc.boolean(),
    keyed: fc.boolean(),
    request_id: fc.option(fc.constantFrom("r1", "r2")),
    metadata: fc.constantFrom("{}", `{"a":1}`),
  })
  .chain((row) =>
    fc.nat({ max: 5 }).map((n) =>
      slotEvent({
        ...row,
        dedup_key:
          row.event_type === "impression" && row.request_id !== null
            ? `i:${row.slot_id}:${row.request_id}`
            : `k:${n}`,
      }),
    ),
  );
const events = fc.record({
  exposures: fc.array(exposure, { maxLength: 14 }),
  conversions: fc.array(conversion, { maxLength: 14 }),
  slots: fc.array(slot, { maxLength: 14 }),
});
type Given = typeof events extends fc.Arbitrary<infer T> ? T : never;

/** Everything that can be read, without the numbers and times of rows. */
async function readAll({ events: keeper }: ExperimentEventsParts): Promise<unknown> {
  const metrics = [CLICKS, { ...REVENUE, pre_ms: HOUR }, { ...RATIO, window_ms: HOUR }];
  const of = async (experiment_id: string) => ({
    ingestion: await keeper.ingestion(experiment_id),
    totals: await keeper.totals({ experiment_id, metrics }),
    early: await keeper.totals({ experiment_id, metrics, at: iso(NOON) }),
    days: await keeper.days({ experiment_id, metric: RATIO, include_bots: true }),
  });
  const { rows } = await keeper.slotEvents({ offset: 0, limit: 100 });
  const bare = rows.map((stored) => {
    const { id: _, stored_at: __, ...row } = stored;
    return row;
  });
  return {
    experiments: [await of(EXPERIMENT), await of(OTHER)],
    slots: await keeper.slotTotals(1, [1, 2], iso(NOON - HOUR), iso(NOON + HOUR)),
    rows: bare.toSorted((a, b) => (a.dedup_key < b.dedup_key ? -1 : 1)),
  };
}

async function tell(keeper: ExperimentEventsParts, given: Given): Promise<void> {
  await keeper.events.recordExposures(1, given.exposures);
  await keeper.events.recordConversions(1, given.conversions);
  await keeper.events.recordSlotEvents(1, given.slots);
}

/** The same list cut into pieces, some of them twice, told in another order. */
function shuffled<T>(rows: readonly T[], seed: number): T[][] {
  const size = 1 + (seed % 4);
  const turned = seed % 2 === 0 ? rows.toReversed() : [...rows];
  const pieces = Array.from({ length: Math.ceil(turned.length / size) }, (_, n) =>
    turned.slice(n * size, n * size + size),
  );
  const turn = pieces.length === 0 ? 0 : seed % pieces.length;
  return [...pieces.slice(turn), ...pieces, ...pieces.slice(0, turn)];
}

export function joinTests(make: MakeExperimentEvents, numRuns: number): void {
  describe("ExperimentEvents joins", () => {
    test("order, repetition and batching of the same events change nothing", async () => {
      await fc.assert(
        fc.asyncProperty(events, fc.nat({ max: 60 }), async (given, seed) => {
          const whole = await make();
          await tell(whole, given);
          const expected = await readAll(whole);
          const pieces = await make();
          const work = [
            ...shuffled(given.slots, seed).map(
              (rows) => () => pieces.events.recordSlotEvents(1, rows),
            ),
            ...shuffled(given.conversions, seed).map(
              (rows) => () => pieces.events.recordConversions(1, rows),
            ),
            ...shuffled(given.exposures, seed).map(
              (rows) => () => pieces.events.recordExposures(1, rows),
            ),
          ];
          await Promise.all(work.map((run) => run()));
          expect(await readAll(pieces)).toEqual(expected);
        }),
        { numRuns },
      );
    });

    test("many writers of the same units: no deadlock, every unit recorded by one of them", async () => {
      const { events: keeper } = await make();
      const units = Array.from({ length: 60 }, (_, n) => `u${n}`);
      const batches = Array.from({ length: 8 }, (_, writer) =>
        units
          .map((name, n) =>
            exposed({
              unit: name,
              variation_index: n % 2,
              occurred_at: iso(NOON + ((writer * 7 + n) % 8) * HOUR),
            }),
          )
          .toSorted(
            (a, b) => ((a.unit.length * (writer + 3)) % 5) - ((b.unit.length * writer) % 5),
          ),
      );
      const answers = await Promise.all(batches.map((rows) => keeper.recordExposures(1, rows)));
      expect(answers.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(60);
      expect(answers.every(({ flipped }) => flipped === 0)).toBe(true);
      const { arms } = await keeper.totals({ experiment_id: EXPERIMENT, metrics: [] });
      expect(arms.map(({ n }) => n)).toEqual([30, 30]);
    });
  });
}
