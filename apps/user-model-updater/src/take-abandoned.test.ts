import { expect, test, vi } from "vitest";

import { userKey } from "@signalpath/domain";
import type { Abandoned, Delivery } from "@signalpath/ports";

import { createContext } from "./app.ts";
import { letterWithCare } from "./letter-with-care.ts";
import { takeAbandoned } from "./take-abandoned.ts";
import { eventAt, openWorld } from "./test-world.ts";

async function open() {
  const world = await openWorld();
  const feed = {
    version: () => 0,
    space: () => undefined,
    catchUp: async () => undefined,
    check: async () => undefined,
  };
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

test("a body that ends whoever parses it is a letter of its project and person all the same", async () => {
  const { ctx, letters } = await open();
  const body = JSON.stringify(eventAt(2, { user_id: "u2", item_id: "i1" }));
  const parse = vi.spyOn(JSON, "parse");
  let stored;
  try {
    stored = await letterWithCare(ctx, delivery(body), "alone");
    expect(parse).not.toHaveBeenCalled();
  } finally {
    parse.mockRestore();
  }
  const key = userKey(ctx.sha256, 1, "user", "u2");
  expect(stored).toMatchObject({ wasThere: false, letter: { projectId: 1, userKey: key } });
  expect(await letters(1)).toMatchObject([{ id: stored.id, code: "HANDLER_FAILED", body }]);
  expect(await letters(0)).toEqual([]);
  // The next process finds it and lets the message be.
  expect(await letterWithCare(ctx, delivery(body), "alone")).toMatchObject({ wasThere: true });
});

test("what names no project is a letter without one", async () => {
  const { ctx, letters } = await open();
  await letterWithCare(ctx, delivery('{"event_id": "e1"}'), "alone");
  expect(await letters(0)).toMatchObject([{ body: '{"event_id": "e1"}' }]);
});
