import { afterAll, beforeAll, expect, it, vi } from "vitest";

import { like, openFlow, type Flow } from "./test-flow.ts";

/** Ids no line may hold, as they are or in any escape. */
const SECRET = "zq7secret";
const USER = `${SECRET}"user\n{"level":"fatal"}`;
const DEVICE = `${SECRET}%0adevice\u2028`;
const QUERY = encodeURIComponent(USER);

/** Fields a request's or a batch's line may have. */
const REQUEST_FIELDS = new Set(
  (
    "level time service app request_id trace_id method route status duration_ms msg code " +
    "received accepted duplicates ignored expired dead_lettered project_id rebuilt strategy source"
  ).split(" "),
);
const BATCH_FIELDS = new Set(
  "level time service app trace_id caused_by consumer events retried duration_ms error msg".split(
    " ",
  ),
);

let flow: Flow;
let requests = 0;
beforeAll(async () => {
  flow = await openFlow();
  const call: Flow["call"] = (...args) => {
    requests++;
    return flow.call(...args);
  };
  const at = Date.now() - 1_000;
  await call("PUT", "/api/content", { items: [{ item_id: "t1", title: "t1" }] });
  await call("POST", "/api/ingest", [
    { ...like(`${SECRET}-m1`, USER, "t1", at), anonymousId: DEVICE },
    { type: "identify", userId: USER, traits: { email: `${SECRET}@mail.test` } },
    { type: "alias", userId: USER, previousId: DEVICE },
    {
      type: "track",
      event: "Tip Feedback",
      userId: USER,
      properties: { reaction: SECRET, id: "t1" },
    },
    { type: "track", event: "Tip Liked", properties: { item_id: SECRET } },
    SECRET,
  ]);
  await call("POST", "/api/ingest", SECRET);
  // Straight on the bus: what no webhook has judged.
  for (const name of ["users.refresh.requested", "content.changed", "users.erased"]) {
    const body = { project_id: SECRET, user_id: USER, [SECRET]: USER };
    await flow.backends.bus.publish({ name } as never, body as never);
  }
  await vi.waitFor(
    async () => {
      const { status } = await call("GET", `/api/usermodel?user_id=${QUERY}`);
      expect(status).toBe(200);
    },
    { timeout: 20_000 },
  );
  for (const path of ["recommend", "usermodel/explain", "usermodel/history", "features"]) {
    await call("GET", `/api/${path}?user_id=${QUERY}`);
    await call("GET", `/api/${path}?user_id=${QUERY}&limit=${SECRET}&project=${SECRET}`);
  }
  await call("GET", `/api/recommend?user_id=${QUERY}`, undefined, { "x-api-key": SECRET });
  await call("GET", `/api/content/${QUERY}`);
  await call("GET", `/api/${SECRET}`);
  await call("DELETE", `/api/content/${QUERY}`);
  await call("POST", "/api/rebuild", { user_ids: [USER, `${SECRET}-nobody`] });
  await call("GET", "/api/dead-letters");
  await call("DELETE", `/api/users/${QUERY}`);
  await call("DELETE", `/api/users/%E0%A4%A${SECRET}`);
  await vi.waitFor(
    () => {
      const consumers = new Set(flow.lines.map(({ consumer }) => consumer));
      for (const kind of ["", "-content", "-refresh"]) {
        expect(consumers).toContain(`user-model-updater${kind}`);
      }
    },
    { timeout: 30_000 },
  );
}, 60_000);
afterAll(() => flow.close());

it("no line holds an id, a key or a body", () => {
  expect(flow.lines.length).toBeGreaterThan(requests);
  const leaks = flow.lines.filter((line) => JSON.stringify(line).includes(SECRET));
  expect(leaks).toEqual([]);
});

it("a request is one line of known fields", () => {
  const lines = flow.lines.filter(({ msg }) => msg === "request");
  expect(lines).toHaveLength(requests);
  expect(new Set(lines.map(({ request_id }) => request_id)).size).toBe(requests);
  for (const line of lines) {
    expect(Object.keys(line).filter((field) => !REQUEST_FIELDS.has(field))).toEqual([]);
    expect(line["trace_id"]).toMatch(/^[\da-f]{32}$/);
  }
});

it("a batch is one line of known fields", () => {
  const lines = flow.lines.filter(({ msg }) => msg === "batch");
  expect(lines.length).toBeGreaterThanOrEqual(3);
  for (const line of lines) {
    expect(Object.keys(line).filter((field) => !BATCH_FIELDS.has(field))).toEqual([]);
  }
});
