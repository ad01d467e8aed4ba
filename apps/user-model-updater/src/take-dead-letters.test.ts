import { deadLettersOf, type DeadLetterMessage } from "@signalpath/contracts";
import { RefusedError, UnavailableError, type Delivery } from "@signalpath/ports";
import { expect, test } from "vitest";

import { createContext } from "./app.ts";
import { takeDeadLetters } from "./take-dead-letters.ts";
import { DAY, openWorld } from "./test-world.ts";

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
    (await ctx.deadLetters.list(project, { limit: 10 })).letters;
  return { ctx, letters, keyOf: world.keyOf };
}

function letter(rest: Partial<DeadLetterMessage>, sequence = 1): Delivery {
  const message = {
    app: "recommender",
    code: "HANDLER_FAILED",
    detail: "why",
    received_at: new Date(DAY).toISOString(),
    project_id: 1,
    body: "{}",
    truncated: false,
    ...rest,
  };
  const subject = deadLettersOf("recommender").name;
  const body = JSON.stringify(message);
  return { subject, body, headers: {}, publishedAtMs: DAY + 1_000, attempt: 1, sequence };
}

test("a letter no store can file as it says is filed where it can be", async () => {
  const { ctx, letters } = await open();
  await takeDeadLetters(ctx, [
    letter({ body: "far", project_id: 2 ** 31 }),
    letter({ body: "soon", received_at: "yesterday" }),
    letter({ body: "late", received_at: "+020000-01-01T00:00:00.000Z" }),
  ]);
  expect(await letters(0)).toMatchObject([{ body: "far" }]);
  const arrived = new Date(DAY + 1_000).toISOString();
  const rows = await letters(1);
  expect(rows.map(({ body }) => body).sort()).toEqual(["late", "soon"]);
  expect(rows.map(({ receivedAt }) => receivedAt)).toEqual([arrived, arrived]);
});

test("one that the store refuses stops nobody, and is told of", async () => {
  const { ctx, letters } = await open();
  const put = ctx.deadLetters.put.bind(ctx.deadLetters);
  ctx.deadLetters.put = async (rows) => {
    if (rows.some(({ app }) => app === "odd")) throw new RefusedError("a value is out of range");
    await put(rows);
  };
  await takeDeadLetters(ctx, [
    letter({ body: "a" }),
    letter({ app: "odd" }),
    letter({ body: "b" }),
  ]);
  const rows = await letters(1);
  expect(rows).toHaveLength(3);
  const refused = rows.find(({ app }) => app !== "recommender");
  expect(refused).toMatchObject({ code: "STORE_REFUSED" });
  expect(refused?.detail).toContain("a value is out of range");
  expect(JSON.parse(refused?.body ?? "")).toMatchObject({ app: "odd" });
});

test("a store that is down has the batch again", async () => {
  const { ctx } = await open();
  ctx.deadLetters.put = async () => {
    throw new UnavailableError("postgres", "gone");
  };
  await expect(takeDeadLetters(ctx, [letter({})])).rejects.toThrow(UnavailableError);
});

test("an original that was cut is filed under its person all the same", async () => {
  const { ctx, letters, keyOf } = await open();
  const body = '{"event_id": "e1", "project_id": 1, "user_id": "u9", "query": "cut he';
  await takeDeadLetters(ctx, [letter({ body, truncated: true })]);
  expect(await letters(1)).toMatchObject([{ body, userKey: keyOf("u9") }]);
});
