import { UnavailableError } from "@signalpath/ports";
import { iso, sha256, viewed } from "@signalpath/ports/contract-suites";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";

import { describeWithServers } from "@signalpath/real-servers/for-tests.ts";
import { createPostgresArchive } from "./archive/archive.ts";
import { rowsOf } from "./db.ts";
import { migrate } from "./migrate.ts";
import { openPostgres } from "./open-postgres.ts";
import { newDatabase, runContracts } from "./testing.ts";

describeWithServers("postgres", "contracts of Postgres", (url) => {
  runContracts(async () => {
    const opened = await newDatabase(url);
    await migrate(opened.db);
    return opened;
  });
});

describeWithServers("postgres", "a Postgres server", (url) => {
  test("three processes may migrate at once, and a fourth finds nothing to do", async () => {
    const first = await newDatabase(url);
    const more = [1, 2].map(() => openPostgres(first.url, { max: 1, onError: () => {} }));
    try {
      const applied = await Promise.all([first, ...more].map(({ db }) => migrate(db)));
      expect(applied.toSorted((a, b) => a - b)).toEqual([0, 0, expect.any(Number)]);
      expect(Math.max(...applied)).toBeGreaterThan(0);
      expect(await migrate(first.db)).toBe(0);
      await expect(first.check()).resolves.toBeUndefined();
    } finally {
      await Promise.all(more.map((opened) => opened.close()));
      await first.close();
    }
  });
});

describeWithServers("postgres", "batches that share ids or items", (url) => {
  test("wait for each other in one direction only: none is ever tried twice", async () => {
    const opened = await newDatabase(url);
    try {
      await migrate(opened.db);
      let transactions = 0;
      const counting = new Proxy(opened.db, {
        get: (db, name) => {
          if (name === "transaction") transactions++;
          const member: unknown = Reflect.get(db, name);
          return typeof member === "function" ? member.bind(db) : member;
        },
      });
      const archive = createPostgresArchive(counting, { sha256, now: () => 0 });
      const events = Array.from({ length: 400 }, (_, n) =>
        viewed({
          event_id: `m${n}`,
          user_id: `u${n % 50}`,
          anonymous_id: `a${n}`,
          item_id: `t${n}`,
        }),
      );
      for (let round = 0; round < 3; round++) {
        const fresh = events.map((event) => ({ ...event, event_id: `${round}-${event.event_id}` }));
        const orders = [fresh, fresh.toReversed(), [...fresh.slice(200), ...fresh.slice(0, 200)]];
        await Promise.all([...orders, ...orders].map((batch) => archive.put(batch)));
      }
      expect(transactions).toBe(18);
      // Events of their own, but the same item hours.
      const hours = Array.from({ length: 2_000 }, (_, n) =>
        viewed({ event_id: `hour${n}`, item_id: `t${n}`, occurred_at: iso(n * 3_600_000) }),
      );
      const own = [hours, hours.toReversed(), hours, hours.toReversed()].map((batch, lane) =>
        batch.map((event) => ({ ...event, event_id: `${lane}-${event.event_id}` })),
      );
      await Promise.all(own.map((batch) => archive.put(batch)));
      expect(transactions).toBe(22);
    } finally {
      await opened.close();
    }
  });
});

describeWithServers("postgres", "a connection that breaks between two statements", (url) => {
  test("fails its transaction, not the process", async () => {
    const opened = await newDatabase(url);
    const other = openPostgres(opened.url, { max: 1, onError: () => {} });
    const broken: unknown[] = [];
    const note = (error: unknown) => void broken.push(error);
    process.on("uncaughtException", note);
    try {
      const work = opened.db.transaction(async (tx) => {
        const [row] = await rowsOf<{ pid: number }>(tx, sql`select pg_backend_pid() as pid`);
        await other.db.execute(sql`select pg_terminate_backend(${row?.pid})`);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await tx.execute(sql`select 1`);
      });
      await expect(work).rejects.toThrow();
      expect(broken).toEqual([]);
      await expect(opened.check()).resolves.toBeUndefined();
    } finally {
      process.off("uncaughtException", note);
      await other.close();
      await opened.close();
    }
  });
});

test("a server that is away is unavailable, not refused", async () => {
  // Port 1 of loopback: nothing listens there.
  const opened = openPostgres("postgres://postgres@127.0.0.1:1/postgres", { onError: () => {} });
  const archive = createPostgresArchive(opened.db, { sha256, now: () => 0 });
  const event = {
    event_id: "m1",
    project_id: 1,
    user_id: "u1",
    kind: "viewed",
    occurred_at: "2026-06-12T12:00:00.000Z",
    received_at: "2026-06-12T12:00:00.000Z",
  } as const;
  await expect(opened.check()).rejects.toThrow(UnavailableError);
  await expect(archive.put([event])).rejects.toThrow(UnavailableError);
  await expect(archive.known(1, ["m1"])).rejects.toThrow(UnavailableError);
  await opened.close();
  await expect(archive.check()).rejects.toThrow(UnavailableError);
});
