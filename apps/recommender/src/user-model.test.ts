import {
  explainResponse,
  subjects,
  userModelResponse,
  type historyResponse,
} from "@signalpath/contracts";
import { UnavailableError } from "@signalpath/ports";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";

import { openWorld, q, type World } from "./test-world.ts";

type History = z.output<typeof historyResponse>;

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const json = async (path: string): Promise<unknown> => (await world.request(path)).json();

describe("the model", () => {
  test("is shown with the ids of what was viewed, newest first", async () => {
    await world.store([
      world.event("ann", {
        kind: "viewed",
        item_id: "chess-1",
        dwell_ms: 60_000,
        end_reason: "next",
      }),
      world.event("ann", { item_id: "bread-1", reaction: "like" }),
      world.event("ann", { kind: "served", item_id: "rivers-1" }),
    ]);
    const body = userModelResponse.parse(await json("/api/usermodel?user_id=ann"));
    expect(body.user_id).toBe("ann");
    expect(body.viewed).toEqual(["bread-1", "chess-1"]);
    expect(Object.keys(body.positives).toSorted()).toEqual(["bread-1", "chess-1"]);
    expect(body.tag_affinity["theme:bread"]).toBeGreaterThan(0);
    expect(body.revision).toBeGreaterThan(0);
  });

  test("of a known person that the store lost is asked for and waited for", async () => {
    const liked = world.event("ann", { item_id: "bread-1", reaction: "like" });
    await world.archive.put([liked]);
    const asked: string[] = [];
    await world.bus.consume(
      { filter: subjects.userRefreshRequested.name, durable: "updater" },
      async (batch) => {
        asked.push(...batch.map(({ body }) => (JSON.parse(body) as { reason: string }).reason));
        await world.store([liked]);
      },
    );
    const body = userModelResponse.parse(await json("/api/usermodel?user_id=ann"));
    expect(Object.keys(body.positives)).toEqual(["bread-1"]);
    expect(asked).toEqual(["missing"]);
  });

  test("is followed through a link", async () => {
    const visit = { user_id: undefined, anonymous_id: "dev", item_id: "chess-1", reaction: "like" };
    await world.store([world.event("", visit as never)]);
    await world.store([world.event("ann", { kind: "identified", anonymous_id: "dev" })]);
    const byDevice = userModelResponse.parse(await json("/api/usermodel?user_id=dev"));
    const byUser = userModelResponse.parse(await json("/api/usermodel?user_id=ann"));
    expect(byDevice).toEqual({ ...byUser, user_id: "dev" });
    expect(byUser.viewed).toEqual(["chess-1"]);
  });

  test.each(["/api/usermodel", "/api/usermodel/explain"])("%s: nobody is a 404", async (path) => {
    const response = await world.request(`${path}?user_id=nobody`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "USER_MODEL_NOT_FOUND" });
    expect((await world.request(path)).status).toBe(422);
    expect((await world.request(`${path}?user_id=u`, { key: null })).status).toBe(401);
  });

  test("a store that is down is a 503 with Retry-After", async () => {
    const broken = await openWorld((deps) => ({
      models: {
        ...deps.models,
        get: () => Promise.reject(new UnavailableError("redis", "refused")),
      },
    }));
    const response = await broken.request("/api/usermodel?user_id=u");
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).not.toBeNull();
    await broken.close();
  });
});

test("explain names interests and the items behind them", async () => {
  await world.like("ann", "bread-1");
  await world.like("ann", "bread-2");
  await world.store([world.event("ann", { item_id: "chess-1", reaction: "dislike" })]);
  const body = explainResponse.parse(await json("/api/usermodel/explain?user_id=ann"));
  expect(body.interests[0]).toMatchObject({ label: "bread" });
  expect(body.interests[0]?.evidence.toSorted()).toEqual(["bread-1", "bread-2"]);
  expect(body.aversions[0]).toMatchObject({ label: "chess", evidence: ["chess-1"] });
  expect(body.summary).toContain("bread");
});

describe.each(["archive", "buffer"] as const)("history from the %s", (source) => {
  beforeEach(async () => {
    if (source === "archive") return;
    await world.close();
    world = await openWorld((deps) => ({ archive: undefined as never, events: deps.events }));
  });

  test("comes in pages, newest first, each event once", async () => {
    for (let n = 1; n <= 5; n++) await world.like("ann", `bread-${n}`);
    const seen: (string | undefined)[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < 3; pages++) {
      const query: string = q({ user_id: "ann", limit: 2, ...(cursor === null ? {} : { cursor }) });
      const page = (await json(`/api/usermodel/history?${query}`)) as History;
      seen.push(...page.events.map((event) => event.item_id));
      cursor = page.next;
    }
    expect(cursor).toBeNull();
    expect(seen).toEqual(["bread-5", "bread-4", "bread-3", "bread-2", "bread-1"]);
  });

  test("of nobody is empty; a foreign cursor and a bad limit are 422", async () => {
    const empty = { events: [], next: null };
    expect(await json("/api/usermodel/history?user_id=nobody")).toEqual(empty);
    for (const query of [
      { cursor: "x" },
      { cursor: Buffer.from('["user","yesterday","e"]').toString("base64url") },
      { cursor: Buffer.from('["admin","2026-06-12T12:00:00.000Z","e"]').toString("base64url") },
      { limit: 0 },
      { limit: 501 },
    ]) {
      const response = await world.request(
        `/api/usermodel/history?${q({ user_id: "ann", ...(query as Record<string, string>) })}`,
      );
      expect(response.status).toBe(422);
    }
  });
});
