import { recommendResponse, subjects, type RecommendResponse } from "@signalpath/contracts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { openWorld, q, sampleItems, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

async function recommend(
  parameters: Record<string, string | number | boolean>,
): Promise<RecommendResponse> {
  const response = await world.request(`/api/recommend?${q(parameters)}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  return recommendResponse.parse(await response.json());
}
const idsOf = (list: RecommendResponse) => list.items.map((item) => item.item_id);

describe("a list", () => {
  test("of somebody unknown is cold, full and no error", async () => {
    const list = await recommend({ user_id: "nobody", limit: 15 });
    expect(list).toMatchObject({
      user_id: "nobody",
      strategy: "cold",
      model_revision: null,
      model_age_ms: null,
    });
    expect(list.diagnostics.degraded).toEqual([]);
    expect(idsOf(list).toSorted()).toEqual(
      sampleItems()
        .map((item) => item.item_id)
        .toSorted(),
    );
    expect(list.items.map((item) => item.rank)).toEqual(list.items.map((_, place) => place + 1));
  });

  test("follows one liked theme, leaves out what was seen and explains itself", async () => {
    const before = await recommend({ user_id: "ann", limit: 4 });
    await world.like("ann", "bread-3");
    const after = await recommend({ user_id: "ann", limit: 4 });
    expect(after.strategy).toBe("warm");
    expect(after.model_revision).toBeGreaterThan(0);
    expect(after.model_age_ms).toBe(0);
    expect(idsOf(after)).not.toEqual(idsOf(before));
    expect(idsOf(after)[0]).toMatch(/^bread-/);
    expect(idsOf(await recommend({ user_id: "ann", limit: 15 }))).not.toContain("bread-3");
    const kinds = after.items[0]?.reasons.map((reason) => reason.kind);
    expect(kinds).toContain("tag");
    for (const item of after.items) {
      const sum = Object.values(item.contributions).reduce((total, part) => total + part, 0);
      expect(Math.abs(sum - item.score)).toBeLessThan(1e-9);
    }
  });

  test("is the same for the same inputs, with a fresh request id", async () => {
    await world.like("ann", "chess-1");
    const first = await recommend({ user_id: "ann" });
    const second = await recommend({ user_id: "ann" });
    expect(second.request_id).not.toBe(first.request_id);
    expect({ ...second, request_id: "" }).toEqual({ ...first, request_id: "" });
    const fresh = await openWorld();
    await fresh.like("ann", "chess-1");
    const response = await fresh.request("/api/recommend?user_id=ann");
    expect(((await response.json()) as RecommendResponse).items).toEqual(first.items);
    await fresh.close();
  });

  test("changes with the next event although the one before is remembered", async () => {
    await world.like("ann", "chess-1");
    const first = await recommend({ user_id: "ann", limit: 3 });
    await world.like("ann", "rivers-1");
    await world.like("ann", "rivers-2");
    const second = await recommend({ user_id: "ann", limit: 3 });
    expect(second.model_revision).toBeGreaterThan(first.model_revision as number);
    expect(idsOf(second)).not.toEqual(idsOf(first));
  });

  test("reaches an anonymous visitor by their id, before and after they sign in", async () => {
    const visit = { user_id: undefined, anonymous_id: "dev", item_id: "chess-1", reaction: "like" };
    await world.store([world.event("", visit as never)]);
    expect((await recommend({ user_id: "dev" })).strategy).toBe("warm");
    const signIn = { kind: "identified", anonymous_id: "dev" } as const;
    await world.store([world.event("ann", signIn)]);
    const byDevice = await recommend({ user_id: "dev" });
    const byUser = await recommend({ user_id: "ann" });
    expect(byDevice.strategy).toBe("warm");
    expect(byDevice.items).toEqual(byUser.items);
    expect(byDevice.model_revision).toBe(byUser.model_revision);
  });
});

describe("parameters", () => {
  test("limit, exclude and include_content", async () => {
    const list = await recommend({ user_id: "u", limit: 2, include_content: true });
    expect(list.items).toHaveLength(2);
    expect(list.items[0]?.content).toMatchObject({ item_id: list.items[0]?.item_id });
    const exclude = idsOf(list).join(",");
    const rest = await recommend({ user_id: "u", limit: 15, exclude });
    expect(rest.items).toHaveLength(13);
    expect(idsOf(rest)).not.toContain(idsOf(list)[0]);
    expect(rest.items[0]).not.toHaveProperty("content");
  });

  test("filter takes a tag in any spelling, cold and warm", async () => {
    await world.like("ann", "chess-1");
    for (const user of ["ann", "nobody"]) {
      const list = await recommend({ user_id: user, limit: 15, filter: "Theme: RIVERS" });
      expect(idsOf(list).toSorted()).toEqual([1, 2, 3, 4, 5].map((n) => `rivers-${n}`));
    }
    expect((await recommend({ user_id: "u", filter: "theme:none" })).items).toEqual([]);
  });

  test("geo_radius_m is hard: items without a place fall out, also of cold lists", async () => {
    const here = { near_lat: 51, near_lon: 8.001 };
    const inside = await recommend({ user_id: "u", limit: 15, ...here, geo_radius_m: 500 });
    expect(idsOf(inside).toSorted()).toEqual(["bread-1", "bread-2"]);
    const near = await recommend({ user_id: "u", limit: 15, ...here });
    expect(near.items).toHaveLength(15);
    expect(
      near.items.find((item) => item.item_id === "bread-1")?.contributions["geo"],
    ).toBeGreaterThan(0);
  });

  test("explain shows at least the reasons shown without it", async () => {
    await world.like("ann", "bread-3");
    const plain = await recommend({ user_id: "ann", limit: 1 });
    const full = await recommend({ user_id: "ann", limit: 1, explain: true });
    expect(full.items[0]?.reasons.length).toBeGreaterThan(plain.items[0]?.reasons.length ?? 99);
    expect(full.items[0]?.reasons).toEqual(expect.arrayContaining(plain.items[0]?.reasons ?? []));
  });

  test.each([
    ["", "user_id"],
    ["user_id=", "user_id"],
    [q({ user_id: "x".repeat(201) }), "user_id"],
    ["user_id=u&limit=0", "limit"],
    ["user_id=u&limit=101", "limit"],
    ["user_id=u&limit=ten", "limit"],
    ["user_id=u&limit=1.5", "limit"],
    ["user_id=u&near_lat=5", "near_lat"],
    ["user_id=u&near_lat=91&near_lon=0", "near_lat"],
    ["user_id=u&near_lat=here&near_lon=0", "near_lat"],
    ["user_id=u&geo_radius_m=5", "geo_radius_m"],
    ["user_id=u&explain=maybe", "explain"],
  ])("refuses %j", async (query, path) => {
    const response = await world.request(`/api/recommend?${query}`);
    expect(response.status).toBe(422);
    const body = (await response.json()) as { code: string; errors: { path: string }[] };
    expect(body.code).toBe("VALIDATION_FAILED");
    expect(body.errors.map((error) => error.path)).toContain(path);
  });
});

describe("keys", () => {
  test("none, wrong, without scope, revoked", async () => {
    const path = "/api/recommend?user_id=u";
    expect((await world.request(path, { key: null })).status).toBe(401);
    expect((await world.request(path, { key: "rctm_wrong" })).status).toBe(401);
    const writer = await world.issue(world.project.id, ["write"]);
    expect((await world.request(path, { key: writer.key })).status).toBe(403);
    expect((await world.request(path)).status).toBe(200);
    await world.bus.publish(subjects.keyRevoked, {
      project_id: world.project.id,
      key_id: world.readKeyId,
    });
    await vi.waitFor(async () => expect((await world.request(path)).status).toBe(401));
  });

  test("of another project sees none of this one", async () => {
    await world.like("ann", "bread-1");
    const other = await world.projects.create("other");
    const { key } = await world.issue(other.id, ["read"]);
    const list = (await (
      await world.request("/api/recommend?user_id=ann", { key })
    ).json()) as RecommendResponse;
    expect(list).toMatchObject({ strategy: "cold", items: [] });
    expect(list.diagnostics.degraded).toEqual(["no_content"]);
    expect((await world.request("/api/usermodel?user_id=ann", { key })).status).toBe(404);
    expect((await world.request("/api/content/bread-1", { key })).status).toBe(404);
    const history = await world.request("/api/usermodel/history?user_id=ann", { key });
    expect(await history.json()).toEqual({ events: [], next: null });
  });
});

test("content written to the catalogue is recommended once it was announced", async () => {
  const item = {
    item_id: "new-1",
    title: "new",
    tags: [],
    published_at: "2026-06-12T11:00:00.000Z",
  };
  const { version } = await world.catalogue.put(world.project.id, [item]);
  await world.bus.publish(subjects.contentChanged, {
    project_id: world.project.id,
    version,
    upserted: ["new-1"],
    removed: [],
  });
  await vi.waitFor(async () => {
    expect(idsOf(await recommend({ user_id: "u", limit: 20 }))).toContain("new-1");
  });
});

test("a limit per key answers 429 and says how much is left", async () => {
  const limited = await openWorld(() => ({
    settings: { rateLimit: { count: 2, windowMs: 60_000 } },
  }));
  const path = "/api/recommend?user_id=u";
  const first = await limited.request(path);
  expect(first.headers.get("ratelimit-policy")).toBe('"key";q=2;w=60');
  expect(first.headers.get("ratelimit")).toBe('"key";r=1;t=30');
  await limited.request(path);
  const third = await limited.request(path);
  expect(third.status).toBe(429);
  expect(third.headers.get("retry-after")).toBe("30");
  expect(third.headers.get("ratelimit")).toBe('"key";r=0;t=30');
  expect(((await third.json()) as { code: string }).code).toBe("RATE_LIMITED");
  limited.clock.advance(30_000);
  expect((await limited.request(path)).status).toBe(200);
  await limited.close();
});

test("every endpoint of the list is served, and is in the OpenAPI document", async () => {
  const document: unknown = await (await world.request("/openapi.json", { key: null })).json();
  for (const { method, path } of world.app.endpoints) {
    const filled = path.replaceAll(/\{\w+\}/g, "1");
    const response = await world.request(filled, { key: null, method: method.toUpperCase() });
    expect([path, response.status]).toEqual([path, 401]);
    expect(document).toHaveProperty(["paths", path, method]);
  }
});

test("a feed that excludes what it has shown reaches every item once", async () => {
  await world.like("ann", "bread-3");
  for (const user of ["ann", "nobody"]) {
    const shown: string[] = [];
    for (let page = 0; page < 4; page++) {
      const list = await recommend({ user_id: user, limit: 4, exclude: shown.join(",") });
      shown.push(...idsOf(list));
    }
    expect(new Set(shown).size).toBe(shown.length);
    expect(shown).toHaveLength(user === "ann" ? 14 : 15);
  }
});

test("excluding more than a search finds still leaves a list", async () => {
  const many = Array.from({ length: 400 }, (_, n) => ({ item_id: `m-${n}`, title: "m", tags: [] }));
  const { version } = await world.catalogue.put(world.project.id, many);
  const change = { project_id: world.project.id, version, upserted: [], removed: [] };
  await world.bus.publish(subjects.contentChanged, change);
  await vi.waitFor(async () => expect(await world.content.size(world.project.id)).toBe(415));
  const exclude = many.slice(0, 390).map((item) => item.item_id);
  const list = await recommend({ user_id: "u", limit: 25, exclude: exclude.join(",") });
  expect(list.items).toHaveLength(25);
  expect(idsOf(list).filter((id) => exclude.includes(id))).toEqual([]);
});
