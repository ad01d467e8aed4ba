import { createLogger, createMetrics, serve } from "@signalpath/service-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createConsole } from "../app.ts";
import { readConfig, upstreamsOf } from "../config.ts";

let upstream: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  const echo = async (request: Request) =>
    Response.json({
      method: request.method,
      path: new URL(request.url).pathname + new URL(request.url).search,
      key: request.headers.get("x-api-key"),
      body: await request.text(),
    });
  upstream = await serve(echo, { host: "127.0.0.1", port: 0 });
});
afterAll(() => upstream.drain(0));

function world(urls: Record<string, string>) {
  const logger = createLogger({ service: "test", level: "silent" });
  const app = createConsole({
    kit: { logger, metrics: createMetrics("test"), now: Date.now, newId: () => "request-1" },
    version: "test",
    state: () => "running",
    bundle: { files: () => undefined, state: () => "failed", close: async () => {} },
    fallbackHtml: "",
    upstreams: upstreamsOf(readConfig(urls)),
  });
  return (path: string, init?: RequestInit) =>
    Promise.resolve(app.fetch(new Request(`http://console.test${path}`, init)));
}

describe("calls through the console", () => {
  it("reach the app that answers them with method, query, key and body", async () => {
    const call = world({ INGEST_WEBHOOK_URL: `${upstream.url}/` });
    const headers = { "x-api-key": "k" };
    const answer = await call("/api/ingest/a?b=1", { method: "POST", headers, body: "{}" });
    expect(await answer.json()).toEqual({
      method: "POST",
      path: "/api/ingest/a?b=1",
      key: "k",
      body: "{}",
    });
  });

  it("answer 404 where no app does, 503 where it is not there", async () => {
    // A port nobody may listen on.
    const call = world({ RECOMMENDER_URL: "http://127.0.0.1:1" });
    expect((await call("/api/unknown")).status).toBe(404);
    const answer = await call("/api/recommend?user_id=u");
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
  });

  it("refuse an address that is none", () => {
    expect(() => readConfig({ RECOMMENDER_URL: "recommender" })).toThrow(/RECOMMENDER_URL/);
  });
});
