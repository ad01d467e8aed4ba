import { joinEvents, type SignalEvent } from "@signalpath/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createManualClock } from "../clock/memory.ts";
import { createMemoryUserModelStore } from "../user-model-store/memory.ts";
import { userModelStoreContract } from "../user-model-store/contract.ts";
import { eventBufferContract } from "./contract.ts";
import { createMemoryUserState } from "./memory-state.ts";
import { beginMove, createMemoryEventBuffer } from "./memory.ts";
import { emptyEvents, joinInPlace } from "./sorted-events.ts";
import { eventAt, randomKey, type UserStateUnderTest } from "./under-test.ts";

async function make(): Promise<UserStateUnderTest> {
  const clock = createManualClock();
  const { now } = clock;
  const state = createMemoryUserState({ now });
  return {
    buffer: createMemoryEventBuffer(state),
    models: createMemoryUserModelStore(state),
    now,
    advance: (ms) => clock.advance(ms),
    lose: async (key) => state.forget(key),
    beginMove: async (from, to) => beginMove(state, from, to),
  };
}

describe("memory event buffer", () => {
  eventBufferContract(make);
});
describe("memory user model store", () => {
  userModelStoreContract(make);
});

test("joinInPlace is joinEvents for any cap and window", () => {
  const event = fc
    .record({ id: fc.nat(30), ms: fc.nat(20) })
    .map(({ id }) => eventAt(`e${id}`, 1_781_000_000_000 + ((id * 7) % 13)));
  fc.assert(
    fc.property(
      fc.array(fc.array(event, { maxLength: 8 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 14 }),
      (batches, cap, windowMs) => {
        const kept = emptyEvents();
        let expected: SignalEvent[] = [];
        for (const batch of batches) {
          const before = expected;
          expected = joinEvents(expected, batch, cap, windowMs);
          const changed = joinInPlace(kept, batch, cap, windowMs);
          expect(kept.events).toEqual(expected);
          expect([...kept.ids].sort()).toEqual(expected.map((each) => each.event_id).sort());
          expect(changed).toBe(JSON.stringify(before) !== JSON.stringify(expected));
        }
      },
    ),
  );
});

test("an answer does not change when events are appended later", async () => {
  const { buffer, now } = await make();
  const key = randomKey();
  const first = await buffer.append(key, [eventAt("1", now())]);
  await buffer.append(key, [eventAt("2", now())]);
  expect(first).toMatchObject({ events: [{ event_id: "1" }] });
  expect(first.status === "ok" && first.events.length).toBe(1);
});

test("the least recently used people are lost first, floors and redirects are not", async () => {
  const { now } = createManualClock();
  const state = createMemoryUserState({ now, maxPeople: 3 });
  const buffer = createMemoryEventBuffer(state);
  const [erased, a, b, c, d] = [randomKey(), randomKey(), randomKey(), randomKey(), randomKey()];
  await buffer.erase(erased, now() + 5_000);
  for (const key of [a, b, c]) await buffer.append(key, [eventAt("1", now())], { fill: true });
  const { revision } = { revision: 0, ...(await buffer.append(b, [eventAt("2", now())])) };
  await buffer.read(c);
  await buffer.read(a);
  await buffer.append(d, [eventAt("1", now())]);
  expect(state.size()).toBe(3);
  expect(await buffer.read(a)).toMatchObject({ filled: true });
  expect(await buffer.read(b)).toMatchObject({ filled: false, events: [] });
  const again = await buffer.append(b, [eventAt("1", now())]);
  expect(again).toMatchObject({ revision: revision + 1 });
  const afterErasure = await buffer.append(erased, [eventAt("1", now())]);
  expect(afterErasure).toMatchObject({ revision: now() + 5_000 });
});
