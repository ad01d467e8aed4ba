import { describe, expect, it } from "vitest";

import { event, openIngest } from "./fixtures/open-ingest.ts";

const ORIGIN = "https://shop.example.com";
const preflight = {
  method: "OPTIONS",
  headers: {
    origin: ORIGIN,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,x-api-key",
  },
};

describe("web pages", () => {
  it("of a named origin may send, with a key that may only ingest", async () => {
    const { request, send, issue } = await openIngest({}, [ORIGIN]);
    const asked = await request(null, preflight);
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(asked.headers.get("access-control-allow-headers")).toContain("x-api-key");
    expect(asked.headers.get("access-control-allow-credentials")).toBeNull();
    const key = await issue({ scopes: ["ingest", "recommend"] });
    const headers = { origin: ORIGIN, "x-api-key": key };
    const sent = await send(event(), { headers });
    expect([sent.status, sent.body.accepted]).toEqual([200, 1]);
    expect(sent.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  });

  it("read why they were refused, too", async () => {
    const { send } = await openIngest({}, [ORIGIN]);
    const refused = await send(event(), { headers: { origin: ORIGIN, "x-api-key": "rctm_no" } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(refused.headers.get("access-control-expose-headers")?.toLowerCase()).toContain(
      "retry-after",
    );
  });

  it("of other origins are told nothing, and by default that is all of them", async () => {
    for (const origins of [[], ["https://other.example.com"]]) {
      const { request } = await openIngest({}, origins);
      const asked = await request(null, preflight);
      expect(asked.headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});

it("a key that may only ask for lists sends nothing, one that may only ingest reads nothing", async () => {
  const { send, request, issue } = await openIngest();
  const lists = await issue({ scopes: ["recommend"] });
  const refused = await send(event(), { headers: { "x-api-key": lists } });
  expect([refused.status, refused.body.code]).toEqual([403, "SCOPE_MISSING"]);
  const ingest = await issue({ scopes: ["ingest"] });
  const headers = { "x-api-key": ingest };
  const letters = await request(null, { path: "/api/dead-letters", method: "GET", headers });
  expect(letters.status).toBe(403);
});
