import { gzipSync } from "node:zlib";

import { subjects, type ContentChanged } from "@signalpath/contracts";
import { UnavailableError } from "@signalpath/ports";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
let heard: ContentChanged[];
beforeEach(async () => {
  world = await openWorld();
  heard = [];
  await world.bus.hear(subjects.contentChanged.name, ({ body }) => {
    heard.push(JSON.parse(body) as ContentChanged);
  });
});
afterEach(() => world.close());

const NDJSON = { "content-type": "application/x-ndjson; charset=utf-8" };
const item = (item_id: string, rest: object = {}) => ({ item_id, title: item_id, ...rest });
const put = (body: unknown, options: { key?: string; headers?: Record<string, string> } = {}) =>
  world.request("PUT", "/api/content", { key: world.writeKey, body, ...options });
const stored = (...ids: string[]) => world.catalogue.get(world.project.id, ids);

describe("PUT /api/content", () => {
  test("stores, counts and announces what changed", async () => {
    const first = await put({ items: [item("a"), item("b")] });
    expect(first.status).toBe(200);
    expect(first.headers.get("x-change-announced")).toBe("true");
    expect(await first.json()).toEqual({ upserted: 2, unchanged: 0, version: 1 });
    const second = await put({ items: [item("a"), item("b", { word_count: 5 })] });
    expect(await second.json()).toEqual({ upserted: 1, unchanged: 1, version: 2 });
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(heard[1]).toEqual({ project_id: 1, version: 2, upserted: ["b"], removed: [] });
    const third = await put({ items: [item("a")] });
    expect(await third.json()).toEqual({ upserted: 0, unchanged: 1, version: 2 });
  });

  test("takes NDJSON, gzip and both; the last copy of an id counts; times become UTC", async () => {
    const rows = [
      item("a"),
      item("b", { published_at: "2026-06-12T14:00:00+02:00" }),
      item("a", { title: "last" }),
    ];
    const text = `${rows.map((row) => JSON.stringify(row)).join("\r\n")}\n\n`;
    const answer = await put(gzipSync(text), {
      headers: { ...NDJSON, "content-encoding": "gzip" },
    });
    expect(await answer.json()).toMatchObject({ upserted: 2 });
    expect(await stored("a", "b")).toEqual([
      { item_id: "a", title: "last", tags: [] },
      { item_id: "b", title: "b", tags: [], published_at: "2026-06-12T12:00:00.000Z" },
    ]);
  });

  test("bad NDJSON rows are named and nothing is stored", async () => {
    const rows = [JSON.stringify(item("a")), "{", '{"item_id":"c"}', '{"__proto__":1}', "[]"];
    const answer = await put(rows.join("\n"), { headers: NDJSON });
    expect(answer.status).toBe(422);
    const body = (await answer.json()) as { detail: string; errors: { path: string }[] };
    expect(body.detail).toContain("4 bad rows");
    expect(body.errors.map((error) => error.path)).toEqual(["2", "3.title", "4", "5"]);
    expect(await stored("a")).toEqual([]);
    expect(await world.catalogue.version(world.project.id)).toBe(0);
  });

  test.each([
    ["{", 400, "MALFORMED_JSON"],
    [new Uint8Array([0x22, 0xff, 0x22]), 400, "MALFORMED_JSON"],
    [{ items: [{ title: "no id" }] }, 422, "VALIDATION_FAILED"],
    [{ items: [item("x".repeat(201))] }, 422, "VALIDATION_FAILED"],
    [{ items: [item(" .. ")] }, 422, "VALIDATION_FAILED"],
    [{ items: [item("a", { colour: "red" })] }, 422, "VALIDATION_FAILED"],
    [{ items: [item("a", { lat: 5 })] }, 422, "VALIDATION_FAILED"],
    [{ items: [item("a", { vector: [1, "x"] })] }, 422, "VALIDATION_FAILED"],
    ['{"items":[{"item_id":"a","title":"a","vector":[1,1e999]}]}', 422, "VALIDATION_FAILED"],
    ['{"items":[{"item_id":"a","title":"a","metadata":{"__proto__":{}}}]}', 422, "UNSAFE_BODY"],
    [{ items: [item("nul\u0000")] }, 422, "VALIDATION_FAILED"],
    [
      { items: [item("a", { vector: [1, 2] }), item("b", { vector: [1, 2, 3] })] },
      422,
      "VECTOR_DIMENSIONS",
    ],
    [{ items: Array.from({ length: 10_001 }, (_, n) => item(`i${n}`)) }, 422, "VALIDATION_FAILED"],
    [`{"items":[],"pad":"${"x".repeat(10 * 1024 * 1024)}"}`, 413, "BODY_TOO_LARGE"],
  ])("refuses body %#", async (body, status, code) => {
    const answer = await put(body);
    expect(await answer.json()).toMatchObject({ code });
    expect(answer.status).toBe(status);
    expect(await world.catalogue.version(world.project.id)).toBe(0);
  });

  test("a vector of another length than the project's is refused", async () => {
    await put({ items: [item("a", { vector: [1, 2] })] });
    const answer = await put({ items: [item("b", { vector: [1, 2, 3] })] });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "VECTOR_DIMENSIONS" });
  });

  test("other encodings are refused, and a key must be able to write", async () => {
    const headers = { "content-encoding": "zstd" };
    expect((await put("x", { headers })).status).toBe(415);
    expect((await put({ items: [] }, { key: world.readKey })).status).toBe(403);
    expect((await world.request("PUT", "/api/content", { key: null })).status).toBe(401);
  });

  test("a bus that is down does not undo what was stored", async () => {
    const quiet = await openWorld((deps) => ({
      bus: { ...deps.bus, publish: () => Promise.reject(new UnavailableError("nats", "gone")) },
    }));
    const answer = await quiet.request("PUT", "/api/content", { body: { items: [item("a")] } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-change-announced")).toBe("false");
    expect(await quiet.catalogue.get(quiet.project.id, ["a"])).toHaveLength(1);
    expect(await quiet.metrics.text()).toContain(
      'announcements_total{subject="content.changed",outcome="failed"} 1',
    );
    await quiet.close();
  });

  test("many long ids are announced in messages the bus can carry", async () => {
    const items = Array.from({ length: 2_000 }, (_, n) => item(`${n}-${"é".repeat(190)}`));
    await put({ items });
    await vi.waitFor(() => expect(heard.flatMap((one) => one.upserted)).toHaveLength(2_000));
    expect(heard.length).toBeGreaterThan(1);
    for (const message of heard) {
      expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(256 * 1024);
    }
  });
});

describe("projects of a request", () => {
  test("an admin key may name another, other keys may not", async () => {
    const other = await world.projects.create("other");
    const path = `/api/content?project=${other.id}`;
    const body = { items: [item("a")] };
    expect((await world.request("PUT", path, { body })).status).toBe(200);
    expect(await world.catalogue.get(other.id, ["a"])).toHaveLength(1);
    expect(await stored("a")).toEqual([]);
    const foreign = await world.request("PUT", path, { body, key: world.writeKey });
    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toMatchObject({ code: "FOREIGN_PROJECT" });
    const own = await world.request("PUT", "/api/content?project=1", { body, key: world.writeKey });
    expect(own.status).toBe(200);
    expect((await world.request("PUT", "/api/content?project=99", { body })).status).toBe(404);
    for (const bad of ["0", "x", "-1", "1.5", ""]) {
      expect((await world.request("PUT", `/api/content?project=${bad}`, { body })).status).toBe(
        422,
      );
    }
  });
});

describe("DELETE /api/content/{item_id}", () => {
  test("removes once, announces, and is no error for what is not there", async () => {
    await put({ items: [item("a")] });
    const path = "/api/content/a";
    const first = await world.request("DELETE", path, { key: world.writeKey });
    expect(await first.json()).toEqual({ item_id: "a", removed: true });
    expect(await stored("a")).toEqual([]);
    const second = await world.request("DELETE", path, { key: world.writeKey });
    expect(await second.json()).toEqual({ item_id: "a", removed: false });
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(heard[1]).toEqual({ project_id: 1, version: 2, upserted: [], removed: ["a"] });
    expect((await world.request("DELETE", path, { key: world.readKey })).status).toBe(403);
  });

  test("any id that could be written can be deleted", async () => {
    const ids = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(ids, async (id) => {
        fc.pre(id.length <= 200 && id !== "." && id !== "..");
        const written = await put({ items: [item(id)] });
        if (written.status !== 200) return;
        const answer = await world.request("DELETE", `/api/content/${encodeURIComponent(id)}`);
        expect(await answer.json()).toEqual({ item_id: id.trim(), removed: true });
      }),
      { numRuns: 60, examples: [["a/b"], ["a.b"], ["*"], [">"], ["x\r\ny"], ["%2e%2e"], ["100%"]] },
    );
  });

  test("ten kilobytes of an id are refused", async () => {
    const answer = await world.request("DELETE", `/api/content/${"x".repeat(10_240)}`);
    expect(answer.status).toBe(422);
  });
});
