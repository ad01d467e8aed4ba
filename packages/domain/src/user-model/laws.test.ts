import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";

import { decodeUint32 } from "../content/base64.ts";
import { hash32 } from "../content/hash.ts";
import { tagKey } from "../content/tags.ts";
import type { ContentItem } from "../content/types.ts";
import { END_REASONS, REACTIONS, type SignalEvent } from "../events/types.ts";
import { BUFFER_WINDOW_MS, joinEvents } from "../events/window.ts";
import { buildUserSignals, createUserSignalsBuilder } from "./build-user-signals.ts";
import { encodeUserSignals } from "./codec.ts";
import { sampleContent, sampleEvent, sampleTime } from "./sample-events.ts";

const LABELS = ["Art", "Bread", "Cities", "Dance", "Energy"] as const;
const ITEM_IDS = ["i0", "i1", "i2", "i3", "i4", "i5", "gone"] as const;

const content = sampleContent(
  Object.fromEntries(
    ITEM_IDS.slice(0, 6).map((id, n): [string, Partial<ContentItem>] => [
      id,
      {
        word_count: 60 * n,
        tags: [
          { facet: "topic", label: LABELS[n % 5] ?? "" },
          { facet: "topic", label: LABELS[(n * 2 + 1) % 5] ?? "", weight: 0.4 },
        ],
        ...(n === 5 ? {} : { vector: [Math.sin(n), Math.cos(n), n / 7] }),
      },
    ]),
  ),
);
const tagLabels = (label: string): string[] =>
  LABELS.some((known) => known.toLowerCase() === label) ? [`topic:${label}`] : [];
const build = (events: readonly SignalEvent[], asOf?: string) =>
  buildUserSignals(events, content, asOf, tagLabels);

const anyHours = fc.integer({ min: 0, max: 900 });
const anyItem = fc.constantFrom(...ITEM_IDS);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const anyGiven: fc.Arbitrary<Partial<SignalEvent>> = fc.oneof(
  fc.record({
    kind: fc.constant("viewed" as const),
    item_id: anyItem,
    end_reason: maybe(fc.constantFrom(...END_REASONS)),
    dwell_ms: maybe(fc.nat(300_000)),
    session_id: maybe(fc.constantFrom("s1", "s2")),
    utc_offset_min: maybe(fc.integer({ min: -840, max: 840 })),
  }),
  fc.record({
    kind: fc.constant("feedback" as const),
    item_id: anyItem,
    reaction: fc.constantFrom(...REACTIONS),
    rating: maybe(fc.integer({ min: 1, max: 5 })),
  }),
  fc.record({
    kind: fc.constant("served" as const),
    item_id: anyItem,
    impressions: maybe(fc.uniqueArray(anyItem)),
    is_bot: maybe(fc.boolean()),
  }),
  fc.record({
    kind: fc.constant("identified" as const),
    traits: fc.dictionary(
      fc.constantFrom("plan", "likes", "__proto__"),
      fc.oneof(fc.constantFrom(...LABELS, "none"), fc.subarray([...LABELS]), fc.integer()),
    ),
  }),
  fc.record({
    kind: fc.constant("survey" as const),
    answers: fc.record({ subject: fc.constantFrom(...LABELS) }),
    location: maybe(fc.constant({ lat: 52, lon: 10 })),
  }),
  fc.record({ kind: fc.constant("exposed" as const) }),
);
/** A set of events: an id has one copy. Times coincide now and then. */
const anyEvents = fc
  .array(fc.tuple(anyHours, anyGiven), { maxLength: 30 })
  .map((given) => given.map(([hours, g], i) => sampleEvent(hours, { ...g, event_id: `e${i}` })));

describe("a model is a function of the set of events", () => {
  test("to the bit: order and repetition do not matter", () => {
    const shuffled = anyEvents.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray([...events, ...events], {
          minLength: events.length * 2,
          maxLength: events.length * 2,
        }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([events, again]) => {
        expect(encodeUserSignals(build(again))).toBe(encodeUserSignals(build(events)));
      }),
      { numRuns: 300 },
    );
  });

  test("batching through a buffer with cap and window does not matter", () => {
    const batched = fc.tuple(
      anyEvents,
      fc.array(fc.nat(29), { maxLength: 4 }),
      fc.integer({ min: 1, max: 20 }),
    );
    fc.assert(
      fc.property(batched, ([events, cuts, cap]) => {
        const ends = [...cuts, events.length].sort((a, b) => a - b);
        let buffer: SignalEvent[] = [];
        // Each batch overlaps the one before it: a redelivery.
        ends.forEach((end, i) => {
          buffer = joinEvents(buffer, events.slice(Math.max(0, (ends[i - 1] ?? 0) - 2), end), cap);
        });
        const atOnce = joinEvents([], events.toReversed(), cap);
        expect(encodeUserSignals(build(buffer))).toBe(encodeUserSignals(build(atOnce)));
      }),
      { numRuns: 300 },
    );
  });

  test("an event on the edge of the window is out of the model", () => {
    const newest = sampleEvent(BUFFER_WINDOW_MS / 3_600_000, { item_id: "i1", reaction: "like" });
    const edge = sampleEvent(0, { item_id: "i2", reaction: "like" });
    expect(Object.keys(build(joinEvents([edge], [newest])).positives)).toEqual(["i1"]);
    expect(Object.keys(build([edge, newest]).positives)).toEqual(["i1", "i2"]);
  });

  test("a builder that remembers items answers the same", () => {
    const builder = createUserSignalsBuilder({ tagLabels });
    fc.assert(
      fc.property(anyEvents, (events) => {
        expect(builder(events, content)).toEqual(build(events));
      }),
    );
  });

  test("bots and exposures leave no trace", () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const shaping = events.filter((e) => e.is_bot !== true && e.kind !== "exposed");
        expect(encodeUserSignals(build(events))).toBe(encodeUserSignals(build(shaping)));
      }),
    );
  });
});

describe("nothing but the arguments matters", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test("neither the clock nor chance", () => {
    const events = fc.sample(anyEvents, { numRuns: 20, seed: 7 });
    const now = events.map((e) => encodeUserSignals(build(e)));
    vi.useFakeTimers({ now: Date.parse("2099-01-01T00:00:00.000Z") });
    vi.spyOn(Math, "random").mockImplementation(() => {
      throw new Error("chance was asked");
    });
    expect(events.map((e) => encodeUserSignals(build(e)))).toEqual(now);
  });

  test("the events and the content are left as they were", () => {
    const frozen = fc.sample(anyEvents, { numRuns: 20, seed: 8 });
    const before = JSON.stringify(frozen);
    for (const events of frozen) build(Object.freeze(events.map((e) => Object.freeze(e))));
    expect(JSON.stringify(frozen)).toBe(before);
  });
});

describe("a positive reaction", () => {
  const reactions = ["like", "done", "bookmark", "share", "comment", "purchase"] as const;
  const anyPositive = fc.record({
    hours: anyHours,
    item: fc.constantFrom(...ITEM_IDS.slice(0, 6)),
    reaction: fc.constantFrom(...reactions),
  });

  test("never lowers the affinity of its item's tags relative to other tags", () => {
    fc.assert(
      fc.property(anyEvents, anyPositive, (events, { hours, item, reaction }) => {
        const added = sampleEvent(hours, { item_id: item, reaction, event_id: "added" });
        const before = build(events).tag_affinity;
        const after = build([...events, added]).tag_affinity;
        const own = new Set(content(item)?.tags.map(tagKey));
        for (const key of own) {
          for (const other of Object.keys(before)) {
            if (own.has(other)) continue;
            // Cross-multiplied; weights are stored to six decimals.
            const was = (before[key] ?? 0) * (after[other] ?? 0);
            expect((after[key] ?? 0) * (before[other] ?? 0)).toBeGreaterThanOrEqual(was - 2e-6);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("makes its item positive and seen", () => {
    fc.assert(
      fc.property(anyEvents, anyPositive, (events, { item, reaction }) => {
        const model = build([...events, sampleEvent(1_000, { item_id: item, reaction })]);
        expect(model.positives[item]).toBeGreaterThan(0);
        expect(model.negatives[item]).toBeUndefined();
        expect(model.recent[0]).toBe(item);
        expect([...decodeUint32(model.seen)]).toContain(hash32(item));
      }),
    );
  });
});

describe("decay", () => {
  test("is monotone: the later the look, the less every weight", () => {
    fc.assert(
      fc.property(anyEvents, fc.nat(500), fc.nat(500), (events, sooner, later) => {
        const at = (hours: number) => build(events, sampleTime(900 + hours));
        const [a, b] = [at(sooner), at(sooner + later)];
        for (const name of ["positives", "negatives"] as const) {
          for (const [id, weight] of Object.entries(b[name])) {
            expect(weight).toBeLessThanOrEqual(a[name][id] ?? 0);
          }
        }
      }),
    );
  });

  test("is monotone: the older the touch, the less its weight", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyHours, { minLength: 2, maxLength: 6 }), (hours) => {
        const ids = hours.map((_, i) => `i${i}`);
        const likes = hours.map((h, i) => sampleEvent(h, { item_id: ids[i], reaction: "like" }));
        const { positives } = build(likes);
        const newestFirst = ids.toSorted(
          (a, b) => (hours[ids.indexOf(b)] ?? 0) - (hours[ids.indexOf(a)] ?? 0),
        );
        const weights = newestFirst.map((id) => positives[id] ?? 0);
        expect(weights).toEqual(weights.toSorted((a, b) => b - a));
        expect(weights[0]).toBe(0.6);
      }),
    );
  });
});
