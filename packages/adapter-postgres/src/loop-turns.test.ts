import { sql } from "drizzle-orm";
import { expect, test } from "vitest";

import { createLoopTurns } from "./loop-turns.ts";
import { openPglite } from "./open-pglite.ts";
import { scratchDir } from "./testing.ts";

test("nobody waits while the loop turns, everybody when it has stood still for too long", async () => {
  let now = 0;
  const turn = createLoopTurns(20, () => now);
  expect(turn()).toBeUndefined();
  now = 19;
  expect(turn()).toBeUndefined();
  now = 20;
  const waited = turn();
  expect(waited).toBeInstanceOf(Promise);
  await waited;
  expect(turn()).toBeUndefined();
});

test("callers that go from query to query keep no timer waiting", async () => {
  const dir = await scratchDir();
  const opened = await openPglite(dir.path);
  try {
    const timer = AbortSignal.timeout(1);
    // 20,000 take seconds: the timer ends this, or never comes.
    for (let n = 0; n < 20_000 && !timer.aborted; n++) await opened.db.execute(sql`select 1`);
    expect(timer.aborted).toBe(true);
  } finally {
    await opened.close();
    await dir.remove();
  }
});
