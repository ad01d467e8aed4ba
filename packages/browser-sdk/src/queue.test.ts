import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createQueue } from "./queue.ts";
import { memoryStorage } from "./surroundings.ts";
import type { TrackedEvent } from "./types.ts";

const event = (messageId: string): TrackedEvent => ({
  type: "track",
  messageId,
  anonymousId: "a",
  originalTimestamp: "2026-01-01T00:00:00.000Z",
});
const clock = { now: () => 1_000 };

describe("queue", () => {
  test("any order of adds and removes by several pages: nothing is lost but the counted oldest", () => {
    const step = fc.record({
      page: fc.nat(2),
      act: fc.constantFrom("add", "add", "send"),
      count: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (steps, most) => {
          const storage = memoryStorage();
          const pages = [0, 1, 2].map(() =>
            createQueue(storage, clock, { name: "signalpath", events: most }),
          );
          const added: string[] = [];
          const sent = new Set<string>();
          for (const [index, { page, act, count }] of steps.entries()) {
            const queue = pages[page];
            if (act === "add") {
              queue?.add(event(`m${index}`));
              added.push(`m${index}`);
            } else {
              const taken = queue?.peek(count, 1e6) ?? [];
              for (const entry of taken) sent.add(entry.event.messageId);
              queue?.remove(taken);
            }
            expect(pages[0]?.size()).toBeLessThanOrEqual(most);
          }
          const left = pages[0]?.peek(1_000, 1e9).map((entry) => entry.event.messageId) ?? [];
          const dropped = pages.reduce((sum, queue) => sum + queue.dropped(), 0);
          expect(sent.size + left.length + dropped).toBe(added.length);
          expect(left.every((id) => !sent.has(id))).toBe(true);
        },
      ),
    );
  });

  test("one page: what is left is the newest, oldest first", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 8 }),
        (count, most) => {
          const queue = createQueue(memoryStorage(), clock, { name: "signalpath", events: most });
          const ids = Array.from({ length: count }, (_, index) => `m${index}`);
          for (const id of ids) queue.add(event(id));
          expect(queue.peek(100, 1e6).map((entry) => entry.event.messageId)).toEqual(
            ids.slice(-most),
          );
          expect(queue.dropped()).toBe(Math.max(0, count - most));
        },
      ),
    );
  });

  test("a batch ends at so many bytes, but never at none", () => {
    const queue = createQueue(memoryStorage(), clock, { name: "signalpath", events: 10 });
    for (const id of ["a", "b", "c"]) queue.add(event(id));
    const size = queue.peek(1, 1)[0]?.bytes ?? 0;
    expect(queue.peek(10, 1)).toHaveLength(1);
    expect(queue.peek(10, 2 * size)).toHaveLength(2);
  });

  test("a storage without room lets the oldest go; what others wrote there is passed over", () => {
    const room = 2;
    const inner = memoryStorage();
    const storage = {
      ...inner,
      get length() {
        return inner.length;
      },
      setItem(key: string, value: string) {
        if (inner.length >= room) throw new Error("quota");
        inner.setItem(key, value);
      },
    };
    const queue = createQueue(storage, clock, { name: "signalpath", events: 10 });
    for (const id of ["a", "b", "c"]) queue.add(event(id));
    expect(queue.peek(10, 1e6).map((entry) => entry.event.messageId)).toEqual(["b", "c"]);
    expect(queue.dropped()).toBe(1);
    queue.clear();
    inner.setItem("signalpath:event:0", "no json");
    expect(queue.peek(10, 1e6)).toEqual([]);
    expect(queue.size()).toBe(0);
  });
});
