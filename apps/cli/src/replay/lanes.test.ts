import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ReplayEvent } from "./event.ts";
import { createLanes } from "./lanes.ts";

function event(index: number, person: string, bytes = 10): ReplayEvent {
  return { index, body: index, bytes, person };
}

describe("createLanes", () => {
  it("sends everything once, a person's events in order, whatever the sizes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 200 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 20 }),
        async (people, lanes, batch) => {
          const sent: ReplayEvent[] = [];
          const marks: number[] = [];
          let busy = 0;
          const target = createLanes({
            lanes,
            batch,
            send: async (events) => {
              expect(events.length).toBeLessThanOrEqual(batch);
              expect(++busy).toBeLessThanOrEqual(lanes);
              await Promise.resolve();
              sent.push(...events);
              busy--;
            },
            onProgress: (mark) => {
              const stored = new Set(sent.map((one) => one.index));
              for (let i = 0; i < mark; i++) expect(stored.has(i)).toBe(true);
              marks.push(mark);
            },
          });
          for (const [i, person] of people.entries()) await target.push(event(i, person));
          await target.finish();
          expect(sent.map((one) => one.index).toSorted((a, b) => a - b)).toEqual(
            people.map((_, i) => i),
          );
          for (const person of new Set(people)) {
            const order = sent.filter((one) => one.person === person).map((one) => one.index);
            expect(order).toEqual(order.toSorted((a, b) => a - b));
          }
          expect(marks.at(-1)).toBe(people.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("does not let a quiet person hold the watermark back", async () => {
    const marks: number[] = [];
    const lanes = createLanes({
      lanes: 4,
      batch: 5,
      send: async () => {},
      onProgress: (mark) => void marks.push(mark),
    });
    await lanes.push(event(0, "quiet"));
    for (let i = 1; i <= 400; i++) await lanes.push(event(i, "loud"));
    expect(Math.max(...marks)).toBeGreaterThan(200);
    await lanes.finish();
  });

  it("starts a new batch before the body grows past what a request may carry", async () => {
    const sizes: number[] = [];
    const lanes = createLanes({
      lanes: 1,
      batch: 100,
      send: async (events) => void sizes.push(events.reduce((sum, one) => sum + one.bytes, 0)),
      onProgress: () => {},
    });
    for (let i = 0; i < 6; i++) await lanes.push(event(i, "p", 3 * 1024 * 1024));
    await lanes.finish();
    expect(sizes).toHaveLength(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8 * 1024 * 1024);
  });

  it("stops at the first failure and does not count the failed batch", async () => {
    const marks: number[] = [];
    let sends = 0;
    const lanes = createLanes({
      lanes: 1,
      batch: 2,
      send: async () => {
        if (++sends === 2) throw new Error("refused");
      },
      onProgress: (mark) => void marks.push(mark),
    });
    const run = async () => {
      for (let i = 0; i < 20; i++) await lanes.push(event(i, "p"));
      await lanes.finish();
    };
    await expect(run()).rejects.toThrow("refused");
    expect(Math.max(...marks)).toBe(2);
    expect(sends).toBe(2);
  });
});
