import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runCli } from "../../app.ts";
import { EXIT } from "../../exit-codes.ts";
import { createTestIo, startScriptedServer, type Reply, type Seen } from "../../test-server.ts";
import type { PipelineReport } from "./evaluate-pipeline.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "signalpath-pipeline-"));
});
afterEach(() => rm(dir, { recursive: true }));

const USERS = 6;
const EACH = 10;
/** Everybody has the items in the same order, one an hour. */
const rows = Array.from({ length: USERS * EACH }, (_, at) => ({
  user: `u${at % USERS}`,
  item: `i${Math.floor(at / USERS)}`,
}));
const file = async () => {
  const path = join(dir, "rows.csv");
  const lines = rows.map(({ user, item }, at) => `${user},${item},${1_700_000_000 + at * 3_600}`);
  await writeFile(path, ["user_id,item_id,timestamp", ...lines].join("\n"));
  return path;
};

interface Sent {
  userId: string;
  timestamp: string;
  properties: { item_id: string };
}

/** A system that remembers who has what; what it recommends is up to the test. */
function systemOf(recommend: (own: readonly string[]) => string[]) {
  const events: Sent[] = [];
  const items: string[] = [];
  const ownOf = (user: string | null) =>
    events.filter(({ userId }) => userId === user).map(({ properties }) => properties.item_id);
  const script = ({ path, body }: Seen): Reply => {
    const { pathname, searchParams } = new URL(path, "http://x");
    const own = ownOf(searchParams.get("user_id"));
    if (pathname === "/api/content") {
      const put = (body as { items: { item_id: string }[] }).items;
      items.push(...put.map(({ item_id }) => item_id));
      return { body: { upserted: put.length, unchanged: 0, version: 1, results: [] } };
    }
    if (pathname === "/api/ingest") {
      const batch = body as Sent[];
      events.push(...batch);
      const { length } = batch;
      const none = { duplicates: 0, ignored: 0, expired: 0, dead_lettered: 0, results: [] };
      return { body: { received: length, accepted: length, ...none } };
    }
    if (pathname === "/api/usermodel") {
      const missing = { code: "USER_MODEL_NOT_FOUND", detail: "none", request_id: "r" };
      return own.length === 0 ? { status: 404, body: missing } : { body: { n_events: own.length } };
    }
    const list = recommend(own).map((item_id) => ({ item_id }));
    return { body: { ...EMPTY, items: list } };
  };
  return { events, items, script };
}

const EMPTY = {
  request_id: "r",
  user_id: "u",
  strategy: "warm",
  model_revision: 1,
  model_age_ms: 1,
  experiments: [],
  diagnostics: { pool_size: 1, sources: {}, ranking: "static", degraded: [] },
};

async function measured(recommend: (own: readonly string[]) => string[], ...more: string[]) {
  const system = systemOf(recommend);
  const server = await startScriptedServer(system.script);
  try {
    const io = createTestIo();
    const args = ["--pipeline", "--url", server.url, "--key", "k", ...more];
    const code = await runCli(["evaluate", await file(), ...args], io);
    return { code, system, out: io.stdout(), err: io.stderr() };
  } finally {
    await server.close();
  }
}

describe("signalpath evaluate --pipeline", () => {
  it("asks right before each event, of a system that has seen all before it and nothing more", async () => {
    const seen: number[] = [];
    const { code, out, err, system } = await measured((own) => {
      seen.push(own.length);
      return ["wrong", `i${own.length}`];
    }, "--json");
    expect(code, err).toBe(EXIT.ok);
    const report = JSON.parse(out) as PipelineReport;
    expect(report).toMatchObject({ rows: 60, users: 6, items: 10, steps: 12, people: 6, late: 0 });
    // The last two of ten of each person.
    expect(seen).toEqual([...Array<number>(6).fill(8), ...Array<number>(6).fill(9)]);
    const [pipeline] = report.systems;
    expect(pipeline).toMatchObject({
      name: "pipeline",
      metrics: { "hr@10": 1, "mrr@10": 0.5 },
      intervals: { "hr@10": [1, 1] },
    });
    expect(report.systems.map(({ name }) => name)).toEqual(["pipeline", "popular", "item-knn"]);
    expect(system.items).toHaveLength(10);
    expect(system.events.map(({ userId }) => userId)).toEqual(rows.map(({ user }) => user));
    const times = system.events.map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted());
  });

  it("one that knows nothing is behind the popular list, in words and in a page", async () => {
    const page = join(dir, "page.html");
    const { code, out } = await measured(() => ["wrong"], "--steps", "6", "--html", page);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain("6 times, about ");
    expect(out).toMatch(/popular +│ -0\.\d+ .*behind/);
    const html = await readFile(page, "utf8");
    expect(html).toContain("hr@10 of the item that came next");
    expect(html).not.toMatch(/(?:src|href)=|https?:\/\/(?!127)/);
  });

  it("needs times, and says so", async () => {
    const path = join(dir, "untimed.csv");
    await writeFile(path, "user_id,item_id\nu,i\n");
    const io = createTestIo();
    const args = ["evaluate", path, "--pipeline", "--url", "http://127.0.0.1:9", "--key", "k"];
    expect(await runCli(args, io)).toBe(EXIT.usage);
    expect(io.stderr()).toContain("USAGE: --pipeline needs a time in every row");
  });
});
