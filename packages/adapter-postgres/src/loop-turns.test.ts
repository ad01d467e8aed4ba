import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { rowsOf } from "./db.ts";
import { createLoopTurns } from "./loop-turns.ts";
import { openPglite } from "./open-pglite.ts";
import type { OpenDb } from "./open-postgres.ts";
import { scratchDir } from "./testing.ts";

const QUERIES = 20_000;

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

describe("the embedded database", () => {
  let dir: Awaited<ReturnType<typeof scratchDir>>;
  let opened: OpenDb;
  beforeEach(async () => {
    dir = await scratchDir();
    opened = await openPglite(dir.path);
  });
  afterEach(async () => {
    await opened.close();
    await dir.remove();
  });

  const one = sql`select 1`;
  const busy: Record<string, (until: AbortSignal) => Promise<unknown>> = {
    "a caller that goes from query to query": async (until) => {
      for (let n = 0; n < QUERIES && !until.aborted; n++) await opened.db.execute(one);
    },
    "callers that come at once": (until) =>
      Promise.all(
        Array.from({ length: 100 }, async () => {
          for (let n = 0; n < QUERIES / 100 && !until.aborted; n++) await opened.db.execute(one);
        }),
      ),
    "a long transaction": (until) =>
      opened.db.transaction(async (tx) => {
        for (let n = 0; n < QUERIES && !until.aborted; n++) await tx.execute(one);
      }),
  };

  test.each(Object.keys(busy))("%s: no timer is kept waiting", async (name) => {
    // So many queries take seconds: the timer ends them, or never comes.
    const timer = AbortSignal.timeout(1);
    await busy[name]?.(timer);
    expect(timer.aborted).toBe(true);
  });

  test("what was asked before it is closed is done before", async () => {
    await opened.db.execute(sql`create table notes (id int)`);
    // The loop has stood still: whoever comes now waits for its turn.
    const until = performance.now() + 50;
    while (performance.now() < until);
    const inserted = (async () => opened.db.execute(sql`insert into notes values (1)`))();
    // A statement reaches the client some microtasks after it is asked for.
    for (let n = 0; n < 20; n++) await Promise.resolve();
    const closed = opened.close();
    await Promise.all([inserted, closed]);
    opened = await openPglite(dir.path);
    expect(await rowsOf(opened.db, sql`select id from notes`)).toEqual([{ id: 1 }]);
  });
});
