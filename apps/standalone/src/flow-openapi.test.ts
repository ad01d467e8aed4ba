import { afterAll, beforeAll, expect, it } from "vitest";

import { openFlow, type Flow } from "./test-flow.ts";

interface Operation {
  operationId: string;
  parameters?: { name: string }[];
  requestBody?: { content: Record<string, unknown> };
  responses: Record<string, unknown>;
}

let flow: Flow;
let operations: { method: string; path: string; operation: Operation }[];
beforeAll(async () => {
  flow = await openFlow();
  const { paths } = (await flow.json("GET", "/openapi.json")) as {
    paths: Record<string, Record<string, Operation>>;
  };
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
});
afterAll(() => flow.close());

const find = (method: string, path: string) =>
  operations.find((one) => one.method === method && one.path === path)?.operation;

it("names every operation once, and the paths that every app has", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^(get|post|put|patch|delete)[A-Z][A-Za-z]*$/);
  // Clients are generated from these: they stay.
  expect(find("get", "/api/recommend")?.operationId).toBe("getRecommend");
  expect(find("delete", "/api/content/{item_id}")?.operationId).toBe("deleteContentByItemId");
  expect(find("post", "/api/v1/api_keys/{id}/revoke/")?.operationId).toBe("postApiKeysByIdRevoke");
  for (const path of ["/livez", "/readyz", "/metrics"]) expect(find("get", path)).toBeDefined();
  expect(Object.keys(find("get", "/readyz")?.responses ?? {})).toEqual(["200", "503"]);
});

it("tells of both forms of a catalogue, and of the project an admin key may name", () => {
  const put = find("put", "/api/content");
  expect(Object.keys(put?.requestBody?.content ?? {})).toEqual([
    "application/json",
    "application/x-ndjson",
  ]);
  const read = find("get", "/api/usermodel");
  expect(read?.parameters?.map(({ name }) => name)).toContain("project");
});

it("documents every status that right, wrong and hostile requests are answered with", async () => {
  let seen = 0;
  const statuses = new Set<number>();
  for (const { method, path, operation } of operations) {
    const base = path.replaceAll(/\{\w+\}/g, "1");
    const body = method === "get" || method === "delete" ? undefined : {};
    const tries: [string, unknown, Record<string, string>][] = [
      [base, body, { "x-api-key": "" }],
      [base, body, { "x-api-key": "rctm_wrong" }],
      [base, body, {}],
      [`${base}?user_id=u&project=99`, body, {}],
      [`${base}?user_id=u&project=none&limit=-1&page=0&cursor=~`, body, {}],
      [`${base}?user_id=u`, body === undefined ? undefined : { constructor: 1 }, {}],
      ...(body === undefined
        ? []
        : ([
            [base, { items: "x".repeat(11 * 1024 * 1024) }, {}],
            [base, body, { "content-encoding": "zstd" }],
            [base, "{", {}],
          ] as [string, unknown, Record<string, string>][])),
    ];
    for (const [target, sent, headers] of tries) {
      const { status } = await flow.call(method.toUpperCase(), target, sent, headers);
      seen++;
      statuses.add(status);
      const documented = Object.keys(operation.responses);
      expect([method, target, documented], String(status)).toEqual([
        method,
        target,
        expect.arrayContaining([String(status)]),
      ]);
    }
  }
  expect(seen).toBeGreaterThan(100);
  for (const status of [200, 401, 404, 413, 415, 422]) expect(statuses).toContain(status);
});

it("answers a known path with another method 405, with all methods it has", async () => {
  for (const [method, path, allow] of [
    ["POST", "/api/content", "GET, HEAD, PUT"],
    ["DELETE", "/api/recommend", "GET, HEAD"],
    ["GET", "/api/rebuild", "POST"],
    ["PUT", "/api/v1/project", "GET, HEAD, POST"],
    ["GET", "/api/ingest", "POST, PUT, PATCH"],
    ["POST", "/metrics", "GET, HEAD"],
  ] as const) {
    const answer = await flow.call(method, path);
    expect([path, answer.status, answer.headers.get("allow")]).toEqual([path, 405, allow]);
  }
  expect((await flow.call("POST", "/api/none")).status).toBe(404);
});
