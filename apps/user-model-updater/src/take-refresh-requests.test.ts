import { subjects } from "@signalpath/contracts";
import type { ItemSpace } from "@signalpath/service-kit";
import { expect, test, vi } from "vitest";

import { eventAt, openWorld } from "./test-world.ts";

test("a model that is to be of a space this process has not yet is built once it has", async () => {
  let serving: ItemSpace | undefined;
  const listeners: ((projectId: number) => void)[] = [];
  const spaces = {
    current: () => serving,
    onChange(listener: (projectId: number) => void) {
      listeners.push(listener);
      return () => undefined;
    },
  };
  const world = await openWorld(() => ({
    spaces,
    // Attempts are many and close: the space comes in the middle of them, however slow this machine.
    options: {
      pausesMs: [5],
      downPausesMs: [5],
      probeMs: 1,
      peopleAtOnce: 4,
      maxAttempts: 100_000,
    },
  }));
  const app = world.create();
  await app.start();
  try {
    const ann = world.keyOf("ann");
    await world.publish(eventAt(1, { user_id: "ann", item_id: "i1" }));
    await vi.waitFor(async () => expect(await world.stored(ann)).toBeDefined(), 30_000);
    const refreshes = async () =>
      Number(/model_refresh_total\{result="saved"\} (\d+)/.exec(await world.metricsText())?.[1]);
    const before = await refreshes();
    const wish = { project_id: 1, user_id: "ann", reason: "content" as const };
    const { bus } = world.base;
    await bus.publish(subjects.userRefreshRequested, { ...wish, space: "sp-a" });
    // Asked later and served before: the first one waits.
    await bus.publish(subjects.userRefreshRequested, { ...wish, space: "content" });
    await vi.waitFor(async () => expect(await refreshes()).toBe(before + 1), 30_000);
    expect((await world.stored(ann))?.space?.id ?? "content").toBe("content");
    serving = { id: "sp-a", version: 1, vectorOf: () => [1, 2] };
    for (const listener of listeners) listener(1);
    await vi.waitFor(async () => expect((await world.stored(ann))?.space?.id).toBe("sp-a"), 30_000);
  } finally {
    await app.close();
  }
});
