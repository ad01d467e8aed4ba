import { randomBytes } from "node:crypto";

import { openBackends } from "@signalpath/backends";
import { SUBJECT_OF_KIND } from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";
import { mintKey, derivePepper, sha256 } from "@signalpath/service-kit";
import { expect, inject, onTestFinished, test, vi } from "vitest";

import { describeWithServers } from "@signalpath/real-servers/for-tests.ts";
import { seeded } from "./shaken-store.ts";
import { items, openWorld } from "./test-world.ts";

/** A day of 400 events of 12 people, some on shared devices, a tenth of them twice. */
function dayOfEvents(projectId: number, startMs: number, token: string): SignalEvent[] {
  const random = seeded(7);
  const pick = (n: number): number => Math.floor(random() * n);
  const events = Array.from({ length: 400 }, (_, n): SignalEvent => {
    const time = new Date(startMs + n * 1_000).toISOString();
    return {
      event_id: `${token}-${n}`,
      project_id: projectId,
      kind: "feedback",
      occurred_at: time,
      received_at: time,
      reaction: (["like", "dislike", "click", "done"] as const)[pick(4)],
      item_id: `i${pick(12)}`,
      ...(pick(3) === 0 ? {} : { user_id: `${token}-u${pick(12)}` }),
      anonymous_id: `${token}-a${pick(12)}`,
    };
  });
  return [...events, ...events.filter(() => pick(10) === 0)];
}

describeWithServers("nats", "updater on NATS, Redis and Postgres", (natsUrl) => {
  const { redis, postgres } = inject("servers");

  test.skipIf(redis.url === undefined || postgres.url === undefined)(
    "the same day of events gives the models that the archive says",
    async () => {
      const pepper = derivePepper("secret of the tests");
      const warnings: string[] = [];
      const backends = await openBackends(
        {
          NODE_ENV: "test",
          NATS_URL: natsUrl,
          REDIS_URL: redis.url,
          DATABASE_URL: postgres.url,
        },
        {
          service: "updater-test",
          now: Date.now,
          sha256,
          warn: (line) => void warnings.push(line),
          onError: () => undefined,
          mintKey: () => mintKey(pepper),
        },
      );
      onTestFinished(() => backends.close());
      const project = await backends.projects.create("a shop of the updater's tests");
      await backends.catalogue.put(project.id, items());
      const world = await openWorld(({ kit }) => ({ ...backends, kit: { ...kit, now: Date.now } }));
      const updater = world.create();
      await updater.start();
      onTestFinished(() => updater.close());
      const token = randomBytes(6).toString("hex");
      const events = dayOfEvents(project.id, Date.now() - 3_600_000, token);
      await Promise.all(
        events.map((event) => backends.bus.publish(SUBJECT_OF_KIND[event.kind], event)),
      );
      const owners = new Map<string, string>();
      await vi.waitFor(
        async () => {
          const ids = [...new Set(events.map(({ event_id }) => event_id))];
          expect((await backends.archive.known(project.id, ids)).size).toBe(ids.length);
          const page = await backends.reader.owners({ projectId: project.id });
          for (const { owner, userId } of page.owners) {
            const expected = await world.oracle(owner, project.id);
            const answer = await backends.models.get(owner);
            expect(answer.status === "ok" ? answer.model : undefined).toEqual(expected);
            owners.set(owner, userId);
          }
        },
        { timeout: 30_000, interval: 100 },
      );
      expect(owners.size).toBeGreaterThan(5);
    },
  );
});
