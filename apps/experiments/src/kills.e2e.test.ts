import { setTimeout as sleep } from "node:timers/promises";

import { describeWithBinary } from "@signalpath/real-servers/for-tests.ts";
import { startNats } from "@signalpath/real-servers/nats.ts";
import { startPostgres } from "@signalpath/real-servers/postgres.ts";
import type { RealServer } from "@signalpath/real-servers/server.ts";
import { startApp, type AppProcess } from "@signalpath/stack/app-process.ts";
import { cliJson } from "@signalpath/stack/cli.ts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const BATCH = 50;
const BATCHES = 40;
const UNITS = 1_000;

/** Kills in the middle of the load, of the app and of Postgres in turns. */
describeWithBinary("postgres", "experiments while processes are killed", () => {
  let postgres: RealServer;
  let nats: RealServer;
  let app: AppProcess;
  let key: string;

  beforeAll(async () => {
    // A commit that was answered is on disk: kill -9 of the server must not take it back.
    postgres = await startPostgres({ fsync: true });
    nats = await startNats();
    const env = {
      NODE_ENV: "development",
      LOG_LEVEL: "info",
      NATS_URL: nats.url,
      DATABASE_URL: postgres.url,
      SECRET_KEY: "a-secret-for-tests-that-is-long-enough-0123456789",
    };
    await cliJson(["migrate"], env);
    const scopes = ["--direct", "--scopes", "read,write,predict"];
    key = (await cliJson<{ key: string }>(["keys", "create", "tests", ...scopes], env)).key;
    app = await startApp("experiments", env);
  }, 120_000);

  afterAll(async () => {
    await app?.kill("SIGTERM");
    await nats?.stop();
    await postgres?.stop();
  });

  const ask = async (method: string, path: string, body?: object, headers = {}) => {
    const answer = await fetch(`${app.url}/api/v1/experiments${path}`, {
      method,
      headers: { "x-api-key": key, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };

  /** As a client does: the same request under the same key until it is answered. */
  async function insist(path: string, body: object, id: string): Promise<void> {
    for (;;) {
      try {
        await ask("POST", path, body, { "idempotency-key": id });
        return;
      } catch (error) {
        if (error instanceof Error && /^4\d\d/.test(error.message)) throw error;
        await sleep(100);
      }
    }
  }

  test("what was told until it was answered is counted exactly once", async () => {
    const created = await ask("POST", "", {
      name: "kills",
      status: "running",
      variations: [0, 1].map((index) => ({ index, name: `v${index}`, weight: 0.5 })),
      metrics: [{ name: "signup" }],
    });
    const path = `/${String(created["id"])}`;
    const start = Date.now() - 3_600_000;
    const work = Array.from({ length: BATCHES }, (_, n) => async () => {
      const exposures = Array.from({ length: BATCH }, (_entry, i) => {
        const unit = (n * BATCH + i) % UNITS;
        const occurred_at = new Date(start + ((n * 7_919 + i * 104_729) % 3_000_000)).toISOString();
        return { user_id: `u${unit}`, variation_index: unit % 2, occurred_at };
      });
      await insist(`${path}/exposures`, { exposures }, `x-${n}`);
      // Without keys each counts: only the key of the call keeps a retry from counting twice.
      const conversions = exposures.map(({ user_id }) => ({ user_id, metric: "signup" }));
      await insist(`${path}/conversions`, { conversions }, `c-${n}`);
    });
    let done = 0;
    const clients = Array.from({ length: 4 }, async () => {
      for (let job = work.shift(); job !== undefined; job = work.shift()) {
        await job();
        done += 1;
      }
    });
    for (const [at, target] of [
      [5, "app"],
      [15, "postgres"],
      [25, "app"],
    ] as const) {
      await vi.waitFor(() => expect(done).toBeGreaterThanOrEqual(at), 60_000);
      if (target === "app") {
        await app.kill("SIGKILL");
        await app.start();
      } else {
        await postgres.kill("SIGKILL");
        await postgres.start();
      }
    }
    await Promise.all(clients);
    const counted = {
      exposures_total: UNITS,
      exposure_counts: [
        { variation_index: 0, count: UNITS / 2 },
        { variation_index: 1, count: UNITS / 2 },
      ],
      flipped_total: 0,
      conversions_total: BATCH * BATCHES,
    };
    expect(await ask("GET", `${path}/ingestion`)).toMatchObject(counted);
  }, 180_000);
});
