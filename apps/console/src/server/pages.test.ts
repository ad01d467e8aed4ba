import { createLogger, createMetrics } from "@signalpath/service-kit";
import { describe, expect, it } from "vitest";

import { createConsole } from "../app.ts";
import type { Bundle } from "./bundle.ts";
import type { WebFile } from "./web-files.ts";

const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const FILES = new Map<string, WebFile>([
  ["/index.html", { type: "text/html; charset=utf-8", plain: bytes("<title>page</title>") }],
  ["/assets/a-1.js", { type: "text/javascript", plain: bytes("code"), packed: bytes("packed") }],
]);

function world(state: ReturnType<Bundle["state"]> = "ready") {
  const bundle: Bundle = {
    files: () => (state === "ready" ? FILES : undefined),
    state: () => state,
    close: async () => {},
  };
  const logger = createLogger({ service: "test", level: "silent" });
  const app = createConsole({
    kit: { logger, metrics: createMetrics("test"), now: Date.now, newId: () => "request-1" },
    version: "test",
    state: () => "running",
    bundle,
    fallbackHtml: "<style>p { color: red }</style><p>soon</p>",
  });
  return (path: string, headers = {}) =>
    Promise.resolve(app.fetch(new Request(`http://console.test${path}`, { headers })));
}

describe("pages", () => {
  it("are one page for every path, asked for each time", async () => {
    for (const path of ["/", "/users/nora"]) {
      const answer = await world()(path);
      expect(await answer.text()).toBe("<title>page</title>");
      expect(answer.headers.get("cache-control")).toBe("no-cache");
    }
  });

  it("allow files of their own only, in no frame", async () => {
    const { headers } = await world()("/");
    const policy = headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("hand out hashed files for good, packed for who takes that", async () => {
    const plain = await world()("/assets/a-1.js");
    expect(await plain.text()).toBe("code");
    expect(plain.headers.get("cache-control")).toContain("immutable");
    const packed = await world()("/assets/a-1.js", { "accept-encoding": "br, gzip" });
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(await packed.text()).toBe("packed");
  });

  it("answer 404 for a file that is gone, never the page", async () => {
    const answer = await world()("/assets/old.js");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: "NOT_FOUND" });
  });

  it("stand in with a page that asks again while the files are built", async () => {
    const answer = await world("building")("/users");
    expect(answer.headers.get("refresh")).toBe("2");
    expect(answer.headers.get("content-security-policy")).toMatch(/style-src 'self' 'sha256-/);
    expect((await world("failed")("/")).headers.get("refresh")).toBeNull();
    expect((await world("failed")("/readyz")).status).toBe(503);
  });
});
