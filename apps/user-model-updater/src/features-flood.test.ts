import type { SignalEvent } from "@signalpath/domain";
import { FEATURES, type BatchedFeature } from "@signalpath/feature-registry";
import { expect, onTestFinished, test, vi } from "vitest";

import { eventAt, openWorld, type World } from "./test-world.ts";

const BATCHED = FEATURES as readonly BatchedFeature[];

const served = (second: number, rest: Partial<SignalEvent>) =>
  eventAt(second, { kind: "served", user_id: "u1", ...rest });
const reacted = (second: number, rest: Partial<SignalEvent>) =>
  eventAt(second, { user_id: "u1", reaction: "done", ...rest });

async function valuesOf(world: World, id: string): Promise<Record<string, number | null>> {
  const answer = await world.deps.features!.get(world.keyOf(id));
  if (answer.status === "moved") throw new Error(`moved to ${answer.to}`);
  return Object.fromEntries([...answer.features].map(([name, { value }]) => [name, value]));
}

test("a flood of 10,000 events of one person is few computations, counted, and right", async () => {
  const world = await openWorld();
  const app = world.create();
  await app.start();
  onTestFinished(() => app.close());
  const flood = Array.from({ length: 10_000 }, (_, n) => {
    const rest = { event_id: `e${n}`, item_id: `i${n % 7}`, request_id: `r${n >> 3}` };
    return n % 2 === 0 ? served(n / 4, rest) : reacted(n / 4, rest);
  });
  await Promise.all(flood.map((event) => world.publish(event)));
  const newest = flood.slice(-2_000);
  const count = (name: string, text: string) =>
    Number(
      new RegExp(`feature_recompute_total{feature="${name}",result="saved"} (\\d+)`).exec(
        text,
      )?.[1],
    );
  const { archive } = world.deps;
  const last = flood.at(-1)!.event_id;
  await vi.waitFor(
    async () => {
      expect(
        (
          await archive.known(
            1,
            flood.map((event) => event.event_id),
          )
        ).size,
      ).toBe(10_000);
      const held = await world.deps.buffer.read(world.keyOf("u1"));
      expect(held).toMatchObject({ status: "ok" });
      expect(held.status === "ok" && held.events.at(-1)?.event_id).toBe(last);
      const values = BATCHED.map((one) => [one.name, one.compute(newest, world.now())]);
      expect(await valuesOf(world, "u1")).toEqual(Object.fromEntries(values));
    },
    { timeout: 30_000, interval: 50 },
  );
  const text = await world.metricsText();
  for (const { name } of BATCHED) {
    expect(count(name, text)).toBeGreaterThan(0);
    expect(count(name, text)).toBeLessThanOrEqual(100);
  }
});
