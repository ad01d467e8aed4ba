import { expect, test, vi } from "vitest";

import type { Abandoned, Delivery } from "@signalpath/ports";

import { createContext } from "./app.ts";
import { letterWithCare } from "./letter-with-care.ts";
import { takeAbandoned } from "./take-abandoned.ts";
import { eventAt, openWorld } from "./test-world.ts";

async function open() {
  const world = await openWorld();
  const feed = { version: () => 0, catchUp: async () => undefined, check: async () => undefined };
  const ctx = createContext(world.deps, feed);
  const letters = async (project: number) =>
    (await world.deps.deadLetters.list(project, { limit: 10 })).letters;
  return { ctx, letters };
}

function delivery(body: string): Delivery {
  const subject = "signals.tip.feedback";
  return { subject, body, headers: {}, publishedAtMs: 1_000, attempt: 1_000, sequence: 7 };
}

test("an abandoned message is one letter of its project, however often the bus says so", async () => {
  const { ctx, letters } = await open();
  const body = JSON.stringify(eventAt(1, { user_id: "u1", item_id: "i1" }));
  const abandoned: Abandoned = { durable: "user-model-updater", delivery: delivery(body) };
  await takeAbandoned(ctx, [abandoned, abandoned]);
  await takeAbandoned(ctx, [abandoned]);
  expect(await letters(1)).toMatchObject([{ code: "HANDLER_FAILED", body }]);
  expect((await letters(1))[0]?.detail).toContain("1000 times to user-model-updater");
  expect(await letters(0)).toEqual([]);
});

test("a body that ends whoever reads it is a letter all the same, under no project", async () => {
  const { ctx, letters } = await open();
  const body = JSON.stringify(eventAt(2, { user_id: "u2", item_id: "i1" }));
  const parse = vi.spyOn(JSON, "parse").mockImplementation(() => {
    throw new Error("the process is gone");
  });
  try {
    // readFields takes a failed parse for malformed JSON; only a throw past it looks like a crash.
    const gone = vi.spyOn(ctx.deadLetters, "put");
    await letterWithCare(ctx, delivery(body), "alone");
    expect(gone).toHaveBeenCalledOnce();
  } finally {
    parse.mockRestore();
  }
  expect(await letters(0)).toMatchObject([{ code: "HANDLER_FAILED", body }]);
  // The next process finds it and does not read it again.
  const again = await letterWithCare(ctx, delivery(body), "alone");
  expect(again).toMatchObject({ wasThere: true, letter: { projectId: 0 } });
  expect(await letters(1)).toEqual([]);
});
