import { apiKey, createdKey, project, subjects } from "@signalpath/contracts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

type Json = Record<string, unknown> & { results: Record<string, unknown>[] };
const json = async (response: Response): Promise<Json> => (await response.json()) as Json;
const KEYS = "/api/v1/api_keys/";

async function create(body: object) {
  const response = await world.request("POST", KEYS, { body });
  expect(response.status).toBe(201);
  return createdKey.parse(await response.json());
}

describe.each(["", "/"])("projects, path ending in %j", (end) => {
  const path = `/api/v1/project${end}`;

  test("are created, read and listed in pages", async () => {
    const made = await world.request("POST", path, { body: { name: "Café *>. \r\n" } });
    expect(made.status).toBe(201);
    const body = project.parse(await made.json());
    expect(body.name).toBe("Café *>. \r\n");
    const read = await world.request("GET", `/api/v1/project/${body.id}${end}`);
    expect(await json(read)).toEqual(body);
    await world.projects.create("third");
    const first = await json(await world.request("GET", `${path}?page_size=2`));
    expect(first).toMatchObject({
      count: 3,
      previous: null,
      next: "/api/v1/project/?page=2&page_size=2",
    });
    expect(first.results.map((row) => row["id"])).toEqual([1, 2]);
    const second = await json(await world.request("GET", String(first["next"])));
    expect(second).toMatchObject({ next: null, previous: "/api/v1/project/?page=1&page_size=2" });
    expect(second.results.map((row) => row["name"])).toEqual(["third"]);
  });

  test("unknown, malformed and unauthorised", async () => {
    for (const id of ["99", "0", "-1", "x", "1e3", "9".repeat(20)]) {
      expect((await world.request("GET", `/api/v1/project/${id}${end}`)).status).toBe(404);
    }
    expect((await world.request("POST", path, { body: {} })).status).toBe(422);
    expect((await world.request("POST", path, { body: { name: "a", id: 5 } })).status).toBe(422);
    expect((await world.request("GET", `${path}?page=0`)).status).toBe(422);
    for (const key of [world.writeKey, world.readKey]) {
      expect((await world.request("GET", path, { key })).status).toBe(403);
      expect((await world.request("POST", path, { key, body: { name: "x" } })).status).toBe(403);
    }
    expect((await world.request("GET", path, { key: null })).status).toBe(401);
  });
});

describe("API keys", () => {
  test("an expired key is not rotated: its successor would be dead too", async () => {
    const expires_at = new Date(world.now() + 1_000).toISOString();
    const { id } = await create({ project: 1, name: "short", scopes: ["read"], expires_at });
    expect((await world.request("POST", `${KEYS}${id}/rotate/`)).status).toBe(201);
    world.advance(1_000);
    const late = await world.request("POST", `${KEYS}${id}/rotate/`);
    expect(late.status).toBe(409);
    expect(await json(late)).toMatchObject({ detail: "an expired key cannot be rotated" });
  });

  test("are shown once and work", async () => {
    const made = await create({ project: 1, name: "reader", scopes: ["write", "write"] });
    expect(made.key).toMatch(/^rctm_[A-Za-z0-9_-]{64}$/);
    expect(made).toMatchObject({ kind: "api", scopes: ["write"], is_active: true, project: 1 });
    const body = { items: [{ item_id: "a", title: "a" }] };
    const used = await world.request("PUT", "/api/content", { key: made.key, body });
    expect(used.status).toBe(200);
    const listed = await world.request("GET", `${KEYS}?project=1`);
    const text = await listed.text();
    expect(text).not.toContain(made.key);
    expect(text).toContain(made.prefix);
    const { results } = JSON.parse(text) as Json;
    const { key: _key, ...shown } = made;
    expect(results.map((row) => apiKey.parse(row))).toContainEqual({
      ...shown,
      last_used_at: new Date(world.now()).toISOString(),
    });
    expect(world.lines.join("")).not.toContain(made.key);
    const one = await world.request("GET", `${KEYS}${made.id}/`);
    expect(await json(one)).toMatchObject({ id: made.id, prefix: made.prefix });
  });

  test("are listed by project, with links that keep the filter", async () => {
    const other = await world.projects.create("other");
    await create({ project: other.id, name: "a" });
    await create({ project: other.id, name: "b" });
    const page = await json(
      await world.request("GET", `/api/v1/api_keys?project=${other.id}&page_size=1`),
    );
    expect(page).toMatchObject({ count: 2, next: `${KEYS}?project=2&page=2&page_size=1` });
    expect(page.results.map((row) => row["name"])).toEqual(["a"]);
    expect((await json(await world.request("GET", KEYS)))["count"]).toBe(5);
  });

  test("stop working when revoked; repeating it changes nothing; others hear of it", async () => {
    const heard: unknown[] = [];
    await world.bus.hear(subjects.keyRevoked.name, ({ body }) => void heard.push(JSON.parse(body)));
    const made = await create({ project: 1, name: "w", scopes: ["write"] });
    const body = { items: [] };
    expect((await world.request("PUT", "/api/content", { key: made.key, body })).status).toBe(200);
    const revoked = await json(await world.request("POST", `${KEYS}${made.id}/revoke/`));
    expect(revoked).toMatchObject({ is_active: false, status: "revoked", key_prefix: made.prefix });
    expect(revoked["ins_datetime"]).toBe(revoked["created_at"]);
    const refused = await world.request("PUT", "/api/content", { key: made.key, body });
    expect(refused.status).toBe(401);
    world.advance(1_000);
    const again = await json(await world.request("POST", `${KEYS}${made.id}/revoke`));
    expect(again).toEqual(revoked);
    await vi.waitFor(() => expect(heard).toContainEqual({ project_id: 1, key_id: made.id }));
  });

  test("rotate into a second live key like the first; a revoked one cannot", async () => {
    const made = await create({ project: 1, name: "w", scopes: ["write"] });
    const rotated = createdKey.parse(
      await json(await world.request("POST", `${KEYS}${made.id}/rotate/`)),
    );
    expect(rotated.key).not.toBe(made.key);
    expect(rotated).toMatchObject({ name: "w", scopes: ["write"], project: 1 });
    for (const { key } of [made, rotated]) {
      const used = await world.request("PUT", "/api/content", { key, body: { items: [] } });
      expect(used.status).toBe(200);
    }
    await world.request("POST", `${KEYS}${made.id}/revoke/`);
    expect((await world.request("POST", `${KEYS}${made.id}/rotate/`)).status).toBe(409);
  });

  test("expire", async () => {
    const expires_at = new Date(world.now() + 60_000).toISOString();
    const made = await create({ project: 1, name: "w", scopes: ["write"], expires_at });
    expect(made).toMatchObject({ expires_at, is_active: true });
    world.advance(60_000);
    const refused = await world.request("PUT", "/api/content", { key: made.key, body: {} });
    expect(await json(refused)).toMatchObject({ code: "KEY_EXPIRED" });
    const shown = await json(await world.request("GET", `${KEYS}${made.id}`));
    expect(shown).toMatchObject({ is_active: false });
  });

  test("write keys: only write, two live ones a source, useless as API keys", async () => {
    const wish = { project: 1, name: "web", kind: "write", source: "web", profile: "rudderstack" };
    const first = await create(wish);
    expect(first).toMatchObject({ kind: "write", scopes: ["write"], source: "web" });
    await world.request("POST", `${KEYS}${first.id}/rotate/`);
    const third = await world.request("POST", KEYS, { body: wish });
    expect(third.status).toBe(409);
    await world.request("POST", `${KEYS}${first.id}/revoke/`);
    expect((await world.request("POST", KEYS, { body: wish })).status).toBe(201);
    expect(await create({ project: 1, name: "app", kind: "write" })).toMatchObject({
      source: "app",
    });
    const named = await create({ project: 1, name: "own", kind: "write", scopes: ["write"] });
    expect(named).toMatchObject({ scopes: ["write"] });
    expect(await create({ project: 1, name: "plain" })).toMatchObject({ scopes: ["read"] });
    const used = await world.request("PUT", "/api/content", { key: first.key, body: {} });
    expect(used.status).toBe(401);
  });

  test.each([
    [{ project: 99, name: "a" }, 404, "PROJECT_NOT_FOUND"],
    [{ project: 1, name: "" }, 422, "VALIDATION_FAILED"],
    [{ project: 1, name: "a", scopes: [] }, 422, "VALIDATION_FAILED"],
    [{ project: 1, name: "a", scopes: ["root"] }, 422, "VALIDATION_FAILED"],
    [{ project: 1, name: "a", hash: "x" }, 422, "VALIDATION_FAILED"],
    [{ project: 1, name: "a", expires_at: "soon" }, 422, "VALIDATION_FAILED"],
    [{ project: 1, name: "a", expires_at: "2026-06-12T12:00:00Z" }, 422, "VALIDATION_FAILED"],
    [{ project: 1, name: "a", kind: "write", scopes: ["admin"] }, 422, "VALIDATION_FAILED"],
    [{ project: 1, name: "a", kind: "write", scopes: ["write", "read"] }, 422, "VALIDATION_FAILED"],
    [{ project: 1, name: "a", kind: "write", scopes: [] }, 422, "VALIDATION_FAILED"],
    [{ name: "a" }, 422, "VALIDATION_FAILED"],
  ])("refuses %j", async (body, status, code) => {
    const response = await world.request("POST", KEYS, { body });
    expect(response.status).toBe(status);
    expect(await json(response)).toMatchObject({ code });
  });

  test("unknown ids are 404, and only admin keys come near", async () => {
    for (const path of [`${KEYS}99/`, `${KEYS}x/`]) {
      expect((await world.request("GET", path)).status).toBe(404);
      expect((await world.request("POST", `${path}revoke/`)).status).toBe(404);
      expect((await world.request("POST", `${path}rotate/`)).status).toBe(404);
    }
    for (const key of [world.writeKey, world.readKey]) {
      expect((await world.request("GET", KEYS, { key })).status).toBe(403);
      expect((await world.request("POST", `${KEYS}1/revoke/`, { key })).status).toBe(403);
      expect((await world.request("POST", `${KEYS}1/rotate/`, { key })).status).toBe(403);
    }
  });
});

test("every endpoint of the list is served, and is in the OpenAPI document", async () => {
  const document = await json(await world.request("GET", "/openapi.json", { key: null }));
  for (const { method, path } of world.app.endpoints) {
    const filled = path.replaceAll(/\{\w+\}/g, "1");
    const response = await world.request(method.toUpperCase(), filled, { key: null });
    expect([path, response.status]).toEqual([path, 401]);
    expect(document["paths"]).toHaveProperty([path, method]);
  }
});

describe("GET /api/v1/me/ tells whoever holds a key what it may do", () => {
  test.each(["/api/v1/me", "/api/v1/me/"])(
    "%s: its scopes and its project, never a secret",
    async (path) => {
      const other = await world.projects.create("other shop");
      const expires_at = new Date(world.now() + 60_000).toISOString();
      const scopes = ["read", "predict"];
      const made = await create({ project: other.id, name: "till", scopes, expires_at });
      const answer = await world.request("GET", path, { key: made.key });
      expect(answer.status).toBe(200);
      const text = await answer.text();
      expect(text).not.toContain(made.key);
      expect(JSON.parse(text)).toEqual({
        id: made.id,
        name: "till",
        prefix: made.prefix,
        scopes,
        project: { id: other.id, name: "other shop" },
        expires_at,
      });
    },
  );

  test("a key without end, and one that may all", async () => {
    const own = await json(await world.request("GET", "/api/v1/me/", { key: world.readKey }));
    expect(own).toMatchObject({ scopes: ["read"], project: { name: "shop" }, expires_at: null });
    const admin = await json(await world.request("GET", "/api/v1/me/"));
    expect(admin).toMatchObject({ scopes: ["admin"] });
  });

  test("no key, an unknown, a revoked and an expired one: 401", async () => {
    const me = async (key: string | null) =>
      (await world.request("GET", "/api/v1/me/", { key })).status;
    expect(await me(null)).toBe(401);
    expect(await me("rctm_unknown")).toBe(401);
    const revoked = await create({ project: 1, name: "gone", scopes: ["read"] });
    expect(await me(revoked.key)).toBe(200);
    await world.request("POST", `${KEYS}${revoked.id}/revoke/`);
    const expires_at = new Date(world.now() + 1_000).toISOString();
    const short = await create({ project: 1, name: "short", scopes: ["read"], expires_at });
    world.advance(120_000);
    expect(await me(revoked.key)).toBe(401);
    expect(await me(short.key)).toBe(401);
  });
});
