import type { SignalEvent } from "@signalpath/domain";
import { userKey } from "@signalpath/domain";
import { sha256 } from "@signalpath/service-kit";
import fc from "fast-check";
import { expect, test, vi } from "vitest";

import { SIGNALS_DURABLE } from "./apply-batch.ts";
import { createRevertible, flaky, seeded } from "./shaken-store.ts";
import { eventAt, openWorld } from "./test-world.ts";

const USERS = ["u0", "u1", "u2"];
const DEVICES = ["a0", "a1", "a2"];
const KEYS = [
  ...USERS.map((id) => userKey(sha256, 1, "user", id)),
  ...DEVICES.map((id) => userKey(sha256, 1, "anonymous", id)),
];

/** Events of a few people who share devices, link and alias; some ids come with other bytes. */
const anyEvent: fc.Arbitrary<SignalEvent> = fc
  .record({
    second: fc.integer({ min: 0, max: 40 }),
    who: fc.constantFrom("user", "device", "both", "alias", "bot"),
    user: fc.constantFrom(...USERS),
    device: fc.constantFrom(...DEVICES),
    other: fc.constantFrom(...USERS, ...DEVICES),
    item: fc.integer({ min: 0, max: 11 }),
    reaction: fc.constantFrom(...(["like", "dislike", "done", "click"] as const)),
  })
  .map(({ second, who, user, device, other, item, reaction }) =>
    eventAt(second, {
      item_id: `i${item}`,
      reaction,
      ...(who === "device" ? {} : { user_id: user }),
      ...(who === "user" ? {} : { anonymous_id: device }),
      ...(who === "alias" ? { previous_id: other } : {}),
      ...(who === "bot" ? { is_bot: true } : {}),
    }),
  );

type Step = { events: SignalEvent[] } | "wipe" | "snapshot" | "rollback";

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.array(anyEvent, { maxLength: 12 }).map((events) => ({ events })) },
  { weight: 1, arbitrary: fc.constantFrom("wipe", "snapshot", "rollback") },
);

test("any order, repetition, batching, failure, loss: models are those of the archived set", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 1, maxLength: 10 }),
      fc.integer(),
      fc.constantFrom(0, 0.1, 0.3),
      async (steps, seed, rate) => {
        const random = seeded(seed);
        const weather = { rate };
        let jump = 0;
        let revertible: ReturnType<typeof createRevertible> | undefined;
        const world = await openWorld((deps) => {
          revertible = createRevertible(() => deps.kit.now() + jump, KEYS);
          return {
            buffer: flaky(revertible.buffer, random, weather),
            models: flaky(revertible.models, random, weather),
            archive: flaky(deps.archive, random, weather),
            reader: flaky(deps.reader, random, weather),
            deadLetters: flaky(deps.deadLetters, random, weather),
            options: {
              pausesMs: [1],
              downPausesMs: [1],
              probeMs: 1,
              beatMs: 5,
              maxAttempts: 1_000,
              suspectAfter: 1_000,
              maxBatch: 1 + Math.floor(random() * 20),
              concurrency: 1 + Math.floor(random() * 3),
            },
          };
        });
        const store = revertible as ReturnType<typeof createRevertible>;
        const updaters = [world.create(), world.create()];
        for (const updater of updaters) await updater.start();
        let back = store.snapshot();
        try {
          for (const step of steps) {
            if (typeof step === "object") {
              await Promise.all(step.events.map((event) => world.publish(event)));
            } else {
              // A store that was away comes back later than it went.
              jump += 1_000;
              if (step === "wipe") store.wipe();
              else if (step === "snapshot") back = store.snapshot();
              else back();
            }
            if (random() < 0.5) await new Promise((resolve) => setTimeout(resolve, 3));
          }
          weather.rate = 0;
          await vi.waitFor(
            async () => {
              const lag = await world.base.bus.lag(SIGNALS_DURABLE, "signals.>");
              expect(lag).toEqual({ pending: 0, ackPending: 0 });
              for (const updater of updaters) {
                for (const probe of updater.probes) await probe.check();
              }
            },
            { timeout: 30_000, interval: 5 },
          );
        } finally {
          for (const updater of updaters) await updater.close();
        }
        for (const key of KEYS) {
          const owner = await world.base.archive.resolve(1, key);
          const answer = await store.models.get(owner);
          const model = answer.status === "ok" ? answer.model : undefined;
          expect(model).toEqual(await world.oracle(owner));
          if (model === undefined) continue;
          // A linked id leads to that model, or to none until it is asked for (a lost redirect).
          const seen = await store.models.get(key);
          if (owner !== key) expect(["moved", "absent"]).toContain(seen.status);
        }
        const ids = new Set(
          steps
            .flatMap((step) => (typeof step === "object" ? step.events : []))
            .map((e) => e.event_id),
        );
        expect(await world.base.archive.known(1, [...ids])).toEqual(ids);
      },
    ),
    { numRuns: 40 },
  );
});
