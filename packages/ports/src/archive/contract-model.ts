import fc from "fast-check";
import { describe, expect } from "vitest";

import type { SignalEvent } from "@signalpath/domain";

import { createMemoryDeadLetters } from "../dead-letters/memory.ts";
import {
  iso,
  keyOf,
  NOON,
  sha256,
  testsBut,
  viewed,
  type MakeArchive,
  type Skip,
} from "./contract-parts.ts";
import { createMemoryArchive } from "./memory.ts";
import type { PutBatchResult } from "./port.ts";

const RUNS = 25;
// Few of everything, so that ids, people and moments meet often.
const userId = fc.constantFrom("u1", "u2", "u3", "u4");
const deviceId = fc.constantFrom("a1", "a2", "u1");
const ids = fc.oneof(
  fc.record({ user_id: userId }),
  fc.record({ anonymous_id: deviceId, user_id: fc.constant(undefined) }),
  fc.record({ user_id: userId, anonymous_id: deviceId }),
  fc.record({ user_id: userId, previous_id: userId }),
  fc.record({ user_id: userId, anonymous_id: deviceId, previous_id: fc.oneof(userId, deviceId) }),
);
const event = fc
  .record({
    ids,
    event_id: fc.integer({ min: 0, max: 40 }),
    project_id: fc.constantFrom(1, 1, 1, 2),
    minute: fc.integer({ min: 0, max: 12 }),
    kind: fc.constantFrom("viewed", "served", "exposed", "identified"),
    item_id: fc.constantFrom("t1", "t2", undefined),
    is_bot: fc.constantFrom(undefined, undefined, true),
  })
  .map(({ ids, event_id, minute, kind, ...rest }): SignalEvent => {
    const occurred_at = iso(NOON + minute * 60_000);
    return { ...viewed({ event_id: `m${event_id}`, occurred_at, ...rest }), ...ids, kind };
  });
const eraseStep = fc.record({
  erase: userId,
  minute: fc.integer({ min: 0, max: 12 }),
  done: fc.boolean(),
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.array(event, { maxLength: 8 }) },
  { weight: 1, arbitrary: eraseStep },
);

/** Batches in any order mean what they mean to the memory keeper. */
export function modelTests(make: MakeArchive, skip: Skip): void {
  const it = testsBut(skip);

  describe("any history", () => {
    it("has the same answers as in the memory keeper", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const real = await make();
          const deadLetters = createMemoryDeadLetters({ sha256 });
          const model = createMemoryArchive({ sha256, now: real.clock.now, deadLetters });
          for (const each of steps) {
            real.clock.advance(1_000);
            if (Array.isArray(each)) {
              const [answer, expected] = await Promise.all([
                real.archive.put(each),
                model.archive.put(each),
              ]);
              expect(sorted(answer)).toEqual(sorted(expected));
              continue;
            }
            const [key, atMs] = [keyOf(each.erase), NOON + each.minute * 60_000];
            const answer = await real.archive.erase(1, key, atMs);
            const expected = await model.archive.erase(1, key, atMs);
            expect(answer.removed).toEqual(expected.removed);
            expect(new Set(answer.keys)).toEqual(new Set(expected.keys));
            expect(answer.ids).toEqual(expected.ids);
            const progress = {
              atMs,
              buffers: [key],
              models: answer.keys,
              features: [key],
              done: each.done,
            };
            expect(await real.archive.recordErasure(1, answer.keys, progress)).toEqual(
              await model.archive.recordErasure(1, answer.keys, progress),
            );
          }
          for (const key of ["u1", "u2", "u3", "u4"].map((id) => keyOf(id))) {
            const receipt = await real.archive.erasureOf(1, key);
            expect(receipt).toEqual(await model.archive.erasureOf(1, key));
          }
          const { owners } = await real.reader.owners({});
          expect(owners).toEqual((await model.reader.owners({})).owners);
          for (const { projectId, owner } of owners) {
            const options = { limit: 100 };
            expect(await real.archive.eventsOf(projectId, owner, options)).toEqual(
              await model.archive.eventsOf(projectId, owner, options),
            );
          }
          for (const since of [0, real.clock.now() - 2_000, real.clock.now()]) {
            const touched = await real.reader.touchedSince(since);
            expect(touched).toEqual(await model.reader.touchedSince(since));
          }
          const touching = await real.reader.ownersTouching(1, ["t1"], NOON + 300_000);
          expect(touching).toEqual(await model.reader.ownersTouching(1, ["t1"], NOON + 300_000));
          expect(await real.itemStats.itemHours(1, 0)).toEqual(
            await model.itemStats.itemHours(1, 0),
          );
        }),
        { numRuns: RUNS },
      );
    });
  });
}

function sorted({ results, links, circles }: PutBatchResult) {
  const inOrder = links.toSorted((a, b) =>
    `${a.projectId}/${a.from}` < `${b.projectId}/${b.from}` ? -1 : 1,
  );
  return { results, links: inOrder, circles };
}
