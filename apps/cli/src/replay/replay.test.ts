import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runCli } from "../app.ts";
import { EXIT } from "../exit-codes.ts";
import {
  createTestIo,
  ingestAnswer,
  startScriptedServer,
  type Reply,
  type ScriptedServer,
  type Seen,
} from "../test-server.ts";
import { REPLAY_SPAN_MS } from "./map-times.ts";

const UNTIL = "2026-06-12T12:00:00.000Z";
let dir: string;
let server: ScriptedServer | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "signalpath-replay-"));
});
afterEach(async () => {
  await server?.close();
  await rm(dir, { recursive: true });
});

interface Sent {
  messageId: string;
  userId: string;
  timestamp: string;
  properties: { product_id: string; rating: number };
}

async function start(
  script: (request: Seen, count: number) => Reply | undefined = () => undefined,
) {
  const stored = new Set<string>();
  const sent: Sent[] = [];
  server = await startScriptedServer((request, count) => {
    const reply = script(request, count);
    if (reply !== undefined) return reply;
    sent.push(...(request.body as Sent[]));
    return { body: ingestAnswer(stored, request.body) };
  });
  return { stored, sent, server };
}

async function run(args: readonly string[]) {
  const io = createTestIo({ SIGNALPATH_DATA_DIR: dir });
  const target = ["--url", server?.url ?? "", "--key", "key-for-tests", "--json"];
  const code = await runCli(["replay", ...args, ...target], io);
  return { code, io, answer: JSON.parse(io.stdout() || "{}") as Record<string, unknown> };
}

async function movieLens(ratings: readonly string[]): Promise<string> {
  const folder = join(dir, "ml");
  await mkdir(folder);
  await writeFile(
    join(folder, "ratings.csv"),
    ["userId,movieId,rating,timestamp", ...ratings].join("\n"),
  );
  await writeFile(
    join(folder, "movies.csv"),
    'movieId,title,genres\n1,Toy Story (1995),Adventure|Animation\n2,"Heat, The (2013)",(no genres listed)\n',
  );
  return folder;
}

const RATINGS = ["2,1,4.0,200", "1,2,0.5,100", "1,1,5.0,100", "3,1,3.5,300"];

async function events(count: number, name = "events.jsonl"): Promise<string> {
  const lines = Array.from({ length: count }, (_, i) =>
    JSON.stringify({ type: "track", event: "Tip Liked", messageId: `m${i}`, userId: `u${i % 7}` }),
  );
  const path = join(dir, name);
  await writeFile(path, name.endsWith(".gz") ? gzipSync(lines.join("\n")) : lines.join("\n"));
  return path;
}

describe("signalpath replay", () => {
  it("sends MovieLens ratings as product reviews, ordered, inside 29 days", async () => {
    const { sent } = await start();
    const folder = await movieLens(RATINGS);
    const { code, answer } = await run([folder, "--until", UNTIL, "--concurrency", "1"]);
    expect(code).toBe(EXIT.ok);
    expect(answer).toMatchObject({ sent: 4, accepted: 4, duplicates: 0, done: 4, until: UNTIL });
    expect(sent.map((event) => event.messageId)).toEqual(["ml-1-1", "ml-1-2", "ml-2-1", "ml-3-1"]);
    expect(sent[1]?.properties).toEqual({ product_id: "2", rating: 1 });
    expect(sent[0]).toMatchObject({ type: "track", event: "Product Reviewed", userId: "1" });
    const times = sent.map((event) => Date.parse(event.timestamp));
    expect(times[0]).toBe(Date.parse(UNTIL) - REPLAY_SPAN_MS);
    expect(times[3]).toBe(Date.parse(UNTIL));
    for (let i = 1; i < 4; i++) expect(times[i]).toBeGreaterThan(times[i - 1] as number);
  });

  it("gives a user the same times whether the others are sent or not", async () => {
    const { sent } = await start();
    const folder = await movieLens(RATINGS);
    await run([folder, "--until", UNTIL]);
    const all = sent.find((event) => event.messageId === "ml-2-1")?.timestamp;
    sent.length = 0;
    const { answer } = await run([folder, "--until", UNTIL, "--users", "2"]);
    expect(sent.map((event) => [event.messageId, event.timestamp])).toEqual([["ml-2-1", all]]);
    expect(answer).toMatchObject({ total: 1, duplicates: 1 });
  });

  it("resumes behind a service that went away, with the anchor of the first run", async () => {
    let down = false;
    const { sent, stored } = await start((request) => {
      if (down) return { status: 503 };
      if ((request.body as unknown[]).length > 0 && sent.length >= 20) down = true;
      return down ? { status: 503 } : undefined;
    });
    const path = await movieLens(Array.from({ length: 50 }, (_, i) => `${i % 5},${i},4,${i * 10}`));
    const first = await run([path, "--batch", "5", "--concurrency", "2", "--give-up-after", "3"]);
    expect(first.code).toBe(EXIT.unavailable);
    const { done, state } = first.answer as { done: number; state: string };
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(50);
    const saved = JSON.parse(await readFile(state, "utf8")) as { done: number; until: string };
    expect(saved.done).toBe(done);

    down = false;
    sent.length = 0;
    await server?.close();
    const again = await start();
    for (const id of stored) again.stored.add(id);
    // Another port is another service by its URL, so the state is named.
    const second = await run([path, "--resume", "--state", state, "--batch", "5"]);
    expect(second.code).toBe(EXIT.ok);
    expect(second.answer).toMatchObject({ done: 50, until: saved.until });
    expect(again.stored.size).toBe(50);
    expect(again.sent.length).toBe(50 - done);
  });

  it("refuses to resume what has changed, or was never begun", async () => {
    await start();
    const path = await events(3);
    expect((await run([path, "--resume"])).answer).toMatchObject({ code: "USAGE" });
    await run([path]);
    await writeFile(path, '{"messageId":"other"}\n');
    const changed = await run([path, "--resume"]);
    expect(changed.code).toBe(EXIT.usage);
    expect(changed.answer["detail"]).toContain("fingerprint");
  });

  it("reads JSONL files, folders of them and gzip, and reports what is no event", async () => {
    const { stored } = await start();
    await events(30, "a.jsonl.gz");
    await writeFile(join(dir, "b.ndjson"), '{"messageId":"x","userId":"u"}\n\nnot json\n[1]\n');
    const { code, answer, io } = await run([dir, "--batch", "7"]);
    expect(stored.size).toBe(31);
    expect(answer).toMatchObject({ sent: 31, accepted: 31, unreadable: 2, done: 33, total: 33 });
    expect(code).toBe(EXIT.incomplete);
    expect(io.stderr()).toContain("b.ndjson:3: not JSON");
  });

  it("ends with exit 1 and the codes when something was not accepted", async () => {
    await start((request) => {
      const body = request.body as Sent[];
      if (body.length === 0) return undefined;
      const results = body.map((event) => ({
        message_id: event.messageId,
        verdict: "dead_lettered",
        code: "NO_IDENTITY",
      }));
      const zeros = { accepted: 0, duplicates: 0, ignored: 0, expired: 0 };
      return { body: { ...zeros, received: body.length, dead_lettered: body.length, results } };
    });
    const { code, answer } = await run([await events(3)]);
    expect(code).toBe(EXIT.incomplete);
    expect(answer).toMatchObject({ dead_lettered: 3, codes: { NO_IDENTITY: 3 } });
  });

  it("takes an API key where the write key is refused", async () => {
    const refusal = { detail: "Invalid API key", code: "KEY_INVALID", request_id: "request-1" };
    const { server } = await start((request) =>
      request.headers["x-api-key"] === undefined ? { status: 401, body: refusal } : undefined,
    );
    expect((await run([await events(3)])).code).toBe(EXIT.ok);
    expect(server.seen.at(-1)?.headers["x-write-key"]).toBeUndefined();
  });

  it("says so when no key is let in", async () => {
    const refusal = { detail: "Invalid API key", code: "KEY_INVALID", request_id: "request-1" };
    await start(() => ({ status: 401, body: refusal }));
    const { code, answer } = await run([await events(3)]);
    expect(code).toBe(EXIT.refused);
    expect(answer).toMatchObject({ code: "KEY_INVALID", detail: "Invalid API key" });
  });

  it("keeps the rate: n events take n / rate seconds", async () => {
    await start();
    const { io, answer } = await run([await events(40), "--rate", "10"]);
    expect(answer).toMatchObject({ accepted: 40 });
    const slept = io.pauses.reduce((sum, pause) => sum + pause, 0);
    expect(slept).toBeGreaterThanOrEqual(3_900);
    expect(slept).toBeLessThan(4_100);
  });

  it("imports the films first when asked", async () => {
    const put: unknown[] = [];
    await start((request) => {
      if (request.method !== "PUT") return undefined;
      put.push(...(request.body as { items: unknown[] }).items);
      return { body: { upserted: 2, unchanged: 0, version: 1 } };
    });
    const folder = await movieLens(RATINGS);
    const { code, answer } = await run([folder, "--content", "--limit", "2"]);
    expect(code).toBe(EXIT.ok);
    expect(answer).toMatchObject({ content: { upserted: 2 }, accepted: 2, total: 2 });
    expect(put[0]).toMatchObject({
      item_id: "1",
      title: "Toy Story",
      published_at: "1995-01-01T00:00:00.000Z",
      tags: [
        { facet: "genre", label: "Adventure" },
        { facet: "genre", label: "Animation" },
        { facet: "decade", label: "1990s", weight: 0.5 },
      ],
    });
    expect(put[1]).toMatchObject({ title: "Heat, The", tags: [{ label: "2010s" }] });
  });

  it("stops at Ctrl-C with what is on its way stored, and can go on", async () => {
    const { stored } = await start();
    const path = await events(50);
    const io = createTestIo({ SIGNALPATH_DATA_DIR: dir });
    const target = ["--url", server?.url ?? "", "--key", "key-for-tests"];
    const sleep = io.sleep;
    io.sleep = async (ms) => {
      if (io.now() >= Date.parse(UNTIL) + 2_000) io.stop.abort();
      await sleep(ms);
    };
    expect(await runCli(["replay", path, "--rate", "10", ...target], io)).toBe(EXIT.interrupted);
    expect(stored.size).toBeGreaterThan(5);
    expect(stored.size).toBeLessThan(50);
    const rest = await run([path, "--resume"]);
    expect(rest.code).toBe(EXIT.ok);
    expect(stored.size).toBe(50);
  });
});
