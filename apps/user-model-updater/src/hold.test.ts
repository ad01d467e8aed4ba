import { UnavailableError, type Outcome } from "@signalpath/ports";
import { expect, onTestFinished, test, vi } from "vitest";

import { SIGNALS_DURABLE } from "./apply-batch.ts";
import { eventAt, openWorld } from "./test-world.ts";

test("what is held for a store that stays down is given back, again and again, and is no suspect", async () => {
  let isUp = true;
  const given: Outcome[] = [];
  const attempts: number[] = [];
  const world = await openWorld((deps) => ({
    buffer: {
      ...deps.buffer,
      append: async (...args) => {
        if (!isUp) throw new UnavailableError("redis", "gone");
        return deps.buffer.append(...args);
      },
      check: async () => {
        if (!isUp) throw new UnavailableError("redis", "gone");
      },
    },
    bus: {
      ...deps.bus,
      consume: (spec, handler) =>
        deps.bus.consume(spec, async (batch) => {
          const outcomes = (await handler(batch)) ?? [];
          if (spec.durable === SIGNALS_DURABLE) {
            attempts.push(...batch.map(({ attempt }) => attempt));
            given.push(...outcomes);
          }
          return outcomes;
        }),
    },
    options: { ...deps.options, holdMs: 2 },
  }));
  const put = vi.spyOn(world.base.deadLetters, "put");
  const app = world.create();
  onTestFinished(() => app.close());
  await app.start();
  isUp = false;
  // The first one finds the store down, the second is held without a try.
  await world.publish(eventAt(1, { user_id: "u1", item_id: "i1" }));
  await vi.waitFor(() => expect(attempts).not.toEqual([]));
  await world.publish(eventAt(2, { user_id: "u2", item_id: "i2" }));
  await vi.waitFor(() =>
    expect(attempts.filter((attempt) => attempt > 5).length).toBeGreaterThan(3),
  );
  expect(given).not.toContain("ack");
  isUp = true;
  for (const user of ["u1", "u2"]) {
    await vi.waitFor(async () => expect(await world.stored(world.keyOf(user))).toBeDefined());
  }
  expect(put).not.toHaveBeenCalled();
});
