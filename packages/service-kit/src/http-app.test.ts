import { gzipSync, brotliCompressSync, deflateSync } from "node:zlib";
import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:net";

import { ServiceError, type ErrorBody } from "@signalpath/contracts";
import { UnavailableError, type Probe } from "@signalpath/ports";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";

import type { Kit } from "./app.ts";
import { readBody } from "./body.ts";
import { createHttpApp, setHeader, type KitHono } from "./http-app.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { parseBody, parseQuery } from "./parse.ts";
import { serve } from "./serve.ts";

function kitApp(probes: readonly Probe[] = [], lines: string[] = []) {
  const kit: Kit = {
    logger: createLogger({ service: "test", write: (line) => lines.push(line) }),
    metrics: createMetrics("0.0.0"),
    now: Date.now,
    newId: () => "minted-request-id",
  };
  const app = createHttpApp({
    service: "test",
    version: "0.0.0",
    kit,
    probes,
    endpoints: [],
    state: () => "running",
  });
  app.post("/echo", async (c) => c.json({ size: (await readBody(c, 1_000)).length }));
  app.post("/strict", async (c) => c.json(await parseBody(c, z.strictObject({ a: z.number() }))));
  app.get("/query", (c) => c.json(parseQuery(c, z.object({ n: z.coerce.number() }))));
  app.get("/boom/:id", () => {
    throw new Error("secret path /etc/passwd");
  });
  app.get("/down", () => {
    throw new UnavailableError("redis", "refused");
  });
  app.get("/teapot", () => {
    throw new ServiceError("CONFLICT", "already there");
  });
  return app;
}

const post = (
  app: KitHono,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) => app.request(path, { method: "POST", body, headers });

async function error(response: Response): Promise<ErrorBody> {
  return (await response.json()) as ErrorBody;
}

describe("a known path with another method", () => {
  it.each([
    ["POST", "/query", "GET, HEAD"],
    ["OPTIONS", "/query", "GET, HEAD"],
    ["GET", "/echo", "POST"],
    ["DELETE", "/boom/a%20b", "GET, HEAD"],
    ["PUT", "/readyz", "GET, HEAD"],
    ["PATCH", "/metrics", "GET, HEAD"],
  ])("%s %s is 405 and says what is allowed", async (method, path, allow) => {
    const answer = await kitApp().request(path, { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, allow]);
    expect((await error(answer)).code).toBe("METHOD_NOT_ALLOWED");
  });

  it.each(["/none", "/boom", "/boom/a/b", "/query/x"])("%s is no path: 404", async (path) => {
    const answer = await kitApp().request(path, { method: "POST" });
    expect([answer.status, answer.headers.get("allow")]).toEqual([404, null]);
  });
});

describe("every answer", () => {
  it("carries the caller's request id when it is well formed, else a minted one", async () => {
    const app = kitApp();
    const good = await app.request("/livez", { headers: { "x-request-id": "abc-DEF_12" } });
    expect(good.headers.get("x-request-id")).toBe("abc-DEF_12");
    const bad = await app.request("/livez", { headers: { "x-request-id": "no spaces please" } });
    expect(bad.headers.get("x-request-id")).toBe("minted-request-id");
  });

  it("names the problem with a stable code, and hides what is internal", async () => {
    const app = kitApp();
    const boom = await app.request("/boom/42");
    expect(boom.status).toBe(500);
    const body = await error(boom);
    expect(body).toEqual({
      detail: "internal error",
      code: "INTERNAL",
      request_id: "minted-request-id",
    });
    expect((await error(await app.request("/teapot"))).code).toBe("CONFLICT");
    expect((await error(await app.request("/nowhere"))).code).toBe("NOT_FOUND");
  });

  it("says 503 and when to come back if a store is down", async () => {
    const response = await kitApp().request("/down");
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    expect((await error(response)).code).toBe("STORE_UNAVAILABLE");
  });

  it("lists what is wrong with a body or a query", async () => {
    const app = kitApp();
    const body = await error(await post(app, "/strict", '{"a":"x","b":1}'));
    expect(body.code).toBe("VALIDATION_FAILED");
    expect(body.errors?.map((issue) => issue.path)).toContain("a");
    expect((await app.request("/query?n=x")).status).toBe(422);
  });

  it("is one log line and one duration with the route's pattern, not its ids", async () => {
    const lines: string[] = [];
    const app = kitApp([], lines);
    await app.request("/boom/a-user-id");
    const requests = lines.map((line) => JSON.parse(line)).filter((line) => line.msg === "request");
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ route: "/boom/:id", status: 500, code: "INTERNAL" });
    const metrics = await (await app.request("/metrics")).text();
    expect(metrics).toContain('route="/boom/:id"');
    expect(metrics).not.toContain("a-user-id");
  });
});

describe("bodies", () => {
  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
  ] as const)("are decompressed: %s", async (encoding, compress) => {
    const bytes = new Uint8Array(compress(Buffer.alloc(500, "x")));
    const response = await post(kitApp(), "/echo", bytes, { "content-encoding": encoding });
    expect(await response.json()).toEqual({ size: 500 });
  });

  it("are capped after decompression: a bomb answers 413", async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000)));
    const response = await post(kitApp(), "/echo", bomb, { "content-encoding": "gzip" });
    expect(response.status).toBe(413);
  });

  it("with broken compression, unknown encoding or unsafe keys are refused", async () => {
    const app = kitApp();
    const broken = await post(app, "/echo", "not gzip", { "content-encoding": "gzip" });
    expect([broken.status, (await error(broken)).code]).toEqual([400, "MALFORMED_JSON"]);
    for (const encoding of ["zstd", "gzip, gzip", "constructor", "__proto__", "toString"]) {
      const response = await post(app, "/echo", "x", { "content-encoding": encoding });
      expect([response.status, (await error(response)).code]).toEqual([
        415,
        "UNSUPPORTED_ENCODING",
      ]);
    }
    const unsafe = await post(app, "/strict", '{"__proto__":{"a":1}}');
    expect((await error(unsafe)).code).toBe("UNSAFE_BODY");
    expect((await post(app, "/strict", "{".repeat(10))).status).toBe(400);
    const deep = `${'{"x":'.repeat(60)}1${"}".repeat(60)}`;
    expect((await error(await post(app, "/strict", deep))).code).toBe("UNSAFE_BODY");
    const latin1 = await post(app, "/strict", new Uint8Array([0x7b, 0xff, 0x7d]));
    expect((await error(latin1)).code).toBe("MALFORMED_JSON");
  });
});

describe("readiness", () => {
  it("names what is down", async () => {
    const app = kitApp([
      { name: "bus", check: async () => {} },
      { name: "archive", check: async () => Promise.reject(new Error("refused")) },
    ]);
    const response = await app.request("/readyz");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: "not_ready",
      dependencies: { bus: "up", archive: "down: refused" },
    });
  });
});

describe("documentation", () => {
  it("is a page that brings its own files", async () => {
    const app = kitApp();
    expect(await (await app.request("/docs")).text()).toContain("swagger-ui-bundle.js");
    const script = await app.request("/docs/swagger-ui-bundle.js");
    expect(script.headers.get("content-type")).toContain("text/javascript");
    expect((await script.arrayBuffer()).byteLength).toBeGreaterThan(100_000);
    expect((await app.request("/docs/package.json")).status).toBe(404);
    expect((await app.request("/favicon.ico")).status).toBe(204);
  });
});

describe("a header set before the answer", () => {
  it.each(["/told", "/told-error"])("is on it, in process and over a socket: %s", async (path) => {
    const app = kitApp();
    app.get("/told", (c) => {
      setHeader(c, "x-told", "yes");
      return c.json({});
    });
    app.get("/told-error", (c) => {
      setHeader(c, "x-told", "yes");
      throw new ServiceError("CONFLICT", "already there");
    });
    const server = await serve((request, env) => app.fetch(request, env), {
      host: "127.0.0.1",
      port: 0,
    });
    try {
      for (const answer of [await app.request(path), await fetch(server.url + path)]) {
        const { status, headers } = answer;
        expect([status, headers.get("x-told"), headers.get("content-type")]).toEqual([
          path === "/told" ? 200 : 409,
          "yes",
          "application/json",
        ]);
        await answer.text();
      }
    } finally {
      await server.drain(1_000);
    }
  });
});

describe("serve", () => {
  it("answers what is in flight before it closes, and takes nothing new", async () => {
    let arrived = () => {};
    const inFlight = new Promise<void>((resolve) => (arrived = resolve));
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const server = await serve(
      async () => {
        arrived();
        await released;
        return new Response("done");
      },
      { host: "127.0.0.1", port: 0 },
    );
    const answer = new Promise<number>((resolve, reject) => {
      get(server.url, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on("error", reject);
    });
    await inFlight;
    const drained = server.drain(5_000);
    // It stops to listen at the next quiet moment.
    await vi.waitFor(async () => {
      const socket = connect(server.port, "127.0.0.1");
      try {
        await expect(once(socket, "connect")).rejects.toThrow("ECONNREFUSED");
      } finally {
        socket.destroy();
      }
    });
    release();
    expect(await answer).toBe(200);
    await drained;
  });
});
