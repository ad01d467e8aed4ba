import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { foldConversions, joinConversions, joinSlotEvents, type SlotEvent } from "./conversion.ts";

const time = fc.constantFrom("2026-06-12T12:00:00.000Z", "2026-06-13T12:00:00.000Z");
const conversion = fc.record({
  experiment_id: fc.constant("e"),
  unit: fc.constantFrom("a", "𝄞", "\uFFFD"),
  metric: fc.constantFrom("click", "purchase"),
  value: fc.integer({ min: -1, max: 2 }),
  occurred_at: time,
  is_bot: fc.boolean(),
  dedup_key: fc.constant("k:1"),
  keyed: fc.boolean(),
});
const slotEvent: fc.Arbitrary<SlotEvent> = fc.record({
  slot_id: fc.constantFrom(1, 2),
  event_type: fc.constantFrom("impression" as const, "click" as const),
  user_id: fc.constantFrom("a", "b"),
  item_id: fc.constantFrom("", "t"),
  request_id: fc.option(fc.constant("r")),
  value: fc.option(fc.integer({ min: -1, max: 1 })),
  metadata: fc.constantFrom("{}", '{"a":1}'),
  occurred_at: time,
  is_bot: fc.boolean(),
  dedup_key: fc.constant("k:1"),
  keyed: fc.boolean(),
});

/** Idempotent, commutative, associative: what makes order and repetition mean nothing. */
function expectJoin<T>(join: (left: T, right: T) => T, one: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(one, one, one, (a, b, c) => {
      expect(join(a, a)).toEqual(a);
      expect(join(a, b)).toEqual(join(b, a));
      expect(join(join(a, b), c)).toEqual(join(a, join(b, c)));
    }),
  );
}

describe("tellings of one key", () => {
  it("of a conversion are joined", () => expectJoin(joinConversions, conversion));
  it("of a slot event are joined", () => expectJoin(joinSlotEvents, slotEvent));

  it("the earliest stands, whatever it says; a key that was ours once stays ours", () => {
    const base = {
      experiment_id: "e",
      unit: "u",
      metric: "click",
      value: 9,
      occurred_at: "2026-06-12T12:00:00.000Z",
      is_bot: false,
      dedup_key: "k:1",
      keyed: false,
    };
    const late = { ...base, value: 1, occurred_at: "2026-06-12T12:00:00.001Z", keyed: true };
    expect(foldConversions([late, base, late])).toEqual([base]);
    const other = { ...base, experiment_id: "f" };
    expect(foldConversions([base, other])).toEqual([base, other]);
  });
});
