import { errorBody, type Endpoint, type Scope } from "@signalpath/contracts";
import { createMemoryKeys, createMemoryProjects } from "@signalpath/ports";
import { expect, test } from "vitest";
import { z } from "zod";

import { createAuthenticator, requireKey } from "./auth.ts";
import { createHttpApp } from "./http-app.ts";
import { mintKey } from "./key-material.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { derivePepper } from "./sha256.ts";

const now = () => Date.UTC(2026, 5, 12);
const response = z.object({});
const call = (path: string, auth: Scope, more: Partial<Endpoint> = {}): Endpoint => {
  return { method: "get", path, summary: path, tag: "t", auth, response, ...more };
};
const endpoints = [
  call("/api/list", "read", { query: z.object({ limit: z.string().optional() }) }),
  call("/api/things/{id}/", "admin", { anyProject: true }),
  call("/predict", "predict"),
];

async function open() {
  const logger = createLogger({ service: "test", write: () => {} });
  const kit = { logger, metrics: createMetrics("0"), now, newId: () => "id" };
  const pepper = derivePepper("secret of the tests");
  const projects = createMemoryProjects({ now });
  const keys = createMemoryKeys({ projects, now });
  const projectId = (await projects.create("shop")).id;
  const { key, prefix, hash } = mintKey(pepper);
  await keys.create({ projectId, name: "k", kind: "api", scopes: ["admin"], prefix, hash });
  const authenticator = createAuthenticator({ keys, pepper, now, logger });
  const state = () => "running" as const;
  const app = createHttpApp({ service: "test", version: "0", kit, probes: [], endpoints, state });
  app.on("GET", ["/api/list", "/api/things/:id/", "/api/things/:id", "/predict"], async (c) => {
    await requireKey(c, authenticator, "read");
    return c.json({});
  });
  return (path: string, { given = key, method = "GET" } = {}) =>
    app.request(path, { method, headers: { "x-api-key": given } });
}

test.each([
  "/api/list",
  "/api/list?",
  "/api/list?limit=3&limit=4",
  "/api/things/1?project=2",
  "/api/things/1/?project=2",
  "/predict?anything=1",
])("%s is answered", async (path) => {
  expect((await (await open())(path)).status).toBe(200);
});

test.each([
  ["/api/list?limti=3", ["limti"]],
  ["/api/list?project=1&limit=3", ["project"]],
  ["/api/list?=x&limit[]=3&limit[]=4", ["", "limit[]"]],
  ["/api/list?__proto__=x&constructor=y", ["__proto__", "constructor"]],
  ["/api/things/1?limit=3", ["limit"]],
  ["/api/things/1/?limit=3", ["limit"]],
  [`/api/list?${"x".repeat(900)}=1`, ["x".repeat(100)]],
])("%.60s is refused, and every name said that it does not take", async (path, names) => {
  const answer = await (await open())(path);
  expect(answer.status).toBe(422);
  const { code, errors } = errorBody.parse(await answer.json());
  expect(code).toBe("VALIDATION_FAILED");
  expect(errors).toEqual(names.map((name) => ({ path: name, message: "unknown query parameter" })));
});

test("HEAD is judged as GET is, and a stranger hears of the key first", async () => {
  const ask = await open();
  expect((await ask("/api/list?limti=3", { method: "HEAD" })).status).toBe(422);
  expect((await ask("/api/list?limit=3", { method: "HEAD" })).status).toBe(200);
  expect((await ask("/api/list?limti=3", { given: "rctm_wrong" })).status).toBe(401);
});
