import { errorBody } from "@signalpath/contracts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
let model: number;
let foreign: number;
beforeEach(async () => {
  world = await openWorld();
  model = await world.model();
  foreign = await world.model({ projectId: world.other.id });
  await world.app.start();
});
afterEach(() => world.close());

const USER = { user_id: "u1" };
const WELL_FORMED = `rctm_${"x".repeat(64)}`;

interface Case {
  what: string;
  path?: () => string;
  body?: unknown;
  raw?: string;
  key?: () => Promise<string | null> | string | null;
  status: number;
  code: string;
  detail: string | (() => string);
  /** Paths of `errors`. */
  fields?: string[];
}

const cases: Case[] = [
  {
    what: "no key",
    key: () => null,
    status: 401,
    code: "KEY_REQUIRED",
    detail: "X-API-Key header required",
  },
  {
    what: "an empty key",
    key: () => "",
    status: 401,
    code: "KEY_REQUIRED",
    detail: "X-API-Key header required",
  },
  {
    what: "a key of another form",
    key: () => "sk_live_0123456789",
    status: 401,
    code: "KEY_INVALID",
    detail: "Invalid API key format",
  },
  {
    what: "a key with 7 characters behind its prefix",
    key: () => "rctm_1234567",
    status: 401,
    code: "KEY_INVALID",
    detail: "Invalid API key format",
  },
  {
    what: "8 characters are a key, of nobody",
    key: () => "rctm_12345678",
    status: 401,
    code: "KEY_INVALID",
    detail: "Invalid API key",
  },
  {
    what: "an unknown key",
    key: () => WELL_FORMED,
    status: 401,
    code: "KEY_INVALID",
    detail: "Invalid API key",
  },
  {
    what: "a revoked key",
    key: async () => {
      const { key, id } = await world.issue(world.project.id, ["predict"]);
      await world.keys.revoke(id, new Date(world.clock.now()).toISOString());
      return key;
    },
    status: 401,
    code: "KEY_INVALID",
    detail: "Invalid API key",
  },
  {
    what: "an expired key",
    key: async () => {
      const past = new Date(world.clock.now() - 1).toISOString();
      return (await world.issue(world.project.id, ["predict"], past)).key;
    },
    status: 401,
    code: "KEY_EXPIRED",
    detail: "API key expired",
  },
  {
    what: "a wrong key and a wrong body: the key comes first",
    key: () => WELL_FORMED,
    body: {},
    status: 401,
    code: "KEY_INVALID",
    detail: "Invalid API key",
  },
  {
    what: "a key without the scope",
    key: async () => (await world.issue(world.project.id, ["read", "write"])).key,
    status: 403,
    code: "SCOPE_MISSING",
    detail: "API key does not have 'predict' scope",
  },
  {
    what: "another project",
    path: () => `/inference/predict/project/${world.other.id}`,
    status: 403,
    code: "FOREIGN_PROJECT",
    detail: "API key not authorized for this project",
  },
  {
    what: "another project's model",
    path: () => `/inference/predict/${foreign}`,
    status: 403,
    code: "FOREIGN_PROJECT",
    detail: "API key not authorized for this model's project",
  },
  {
    what: "a batch of another project's model",
    path: () => `/inference/predict/${foreign}/batch`,
    body: { user_ids: ["u1"] },
    status: 403,
    code: "FOREIGN_PROJECT",
    detail: "API key not authorized for this model's project",
  },
  {
    what: "an unknown model",
    path: () => "/inference/predict/99",
    status: 404,
    code: "MODEL_NOT_FOUND",
    detail: "Model 99 not found",
  },
  {
    what: "a model id no row can have",
    path: () => "/inference/predict/999999999999999",
    status: 404,
    code: "MODEL_NOT_FOUND",
    detail: "Model 999999999999999 not found",
  },
  {
    what: "a project without slots",
    path: () => `/inference/predict/project/${world.project.id}`,
    status: 404,
    code: "NO_ACTIVE_SLOTS",
    detail: "No active deployment slots for project",
  },
  {
    what: "an unknown user",
    body: { user_id: "Zoë" },
    status: 404,
    code: "USER_NOT_IN_MODEL",
    detail: "User 'Zoë' not found in model",
  },
  {
    what: "no such path",
    path: () => "/inference/predict",
    status: 404,
    code: "NOT_FOUND",
    detail: "no such path",
  },
  {
    what: "a model id that is no number",
    path: () => "/inference/predict/best",
    status: 422,
    code: "VALIDATION_FAILED",
    detail: "the request is not valid",
    fields: ["model_id"],
  },
  {
    what: "a numeric user",
    body: { user_id: 1 },
    status: 422,
    code: "VALIDATION_FAILED",
    detail: "the request is not valid",
    fields: ["user_id"],
  },
  {
    what: "no user",
    body: {},
    status: 422,
    code: "VALIDATION_FAILED",
    detail: "the request is not valid",
    fields: ["user_id"],
  },
  {
    what: "an empty body",
    raw: "",
    status: 422,
    code: "VALIDATION_FAILED",
    detail: "the request is not valid",
    fields: ["user_id"],
  },
  ...[0, 1_001, 1.5, "10", null].map((cutoff): Case => ({
    what: `cutoff ${JSON.stringify(cutoff)}`,
    body: { user_id: "u1", cutoff },
    status: 422,
    code: "VALIDATION_FAILED",
    detail: "the request is not valid",
    fields: ["cutoff"],
  })),
  {
    what: "a field nobody knows",
    body: { user_id: "u1", cut_off: 3 },
    status: 422,
    code: "VALIDATION_FAILED",
    detail: "the request is not valid",
    fields: [""],
  },
  {
    what: "101 users",
    path: () => `/inference/predict/${model}/batch`,
    body: { user_ids: Array.from({ length: 101 }, (_, at) => `u${at}`) },
    status: 422,
    code: "VALIDATION_FAILED",
    detail: "the request is not valid",
    fields: ["user_ids"],
  },
  {
    what: "a numeric user of a batch",
    path: () => `/inference/predict/${model}/batch`,
    body: { user_ids: ["u1", 2] },
    status: 422,
    code: "VALIDATION_FAILED",
    detail: "the request is not valid",
    fields: ["user_ids.1"],
  },
  {
    what: "no seeds",
    path: () => `/inference/predict/${model}/related`,
    body: { seed_items: [] },
    status: 422,
    code: "VALIDATION_FAILED",
    detail: "the request is not valid",
    fields: ["seed_items"],
  },
  {
    what: "101 seeds",
    path: () => `/inference/predict/${model}/related`,
    body: { seed_items: Array.from({ length: 101 }, (_, at) => `i${at}`) },
    status: 422,
    code: "VALIDATION_FAILED",
    detail: "the request is not valid",
    fields: ["seed_items"],
  },
  {
    what: "no JSON",
    raw: "{",
    status: 400,
    code: "MALFORMED_JSON",
    detail: "the body is no valid JSON",
  },
];

describe.each(["/inference", ""])("errors below '%s'", (prefix) => {
  test.each(cases)("$what: $status $detail", async (given) => {
    const path = (given.path?.() ?? `/inference/predict/${model}`).replace("/inference", prefix);
    const key = given.key === undefined ? world.key : await given.key();
    const options = given.raw === undefined ? { key } : { key, raw: given.raw };
    const answer = await world.post(path, "body" in given ? given.body : USER, options);
    const body = errorBody.parse(await answer.json());
    expect([answer.status, body.code]).toEqual([given.status, given.code]);
    if (given.code !== "MALFORMED_JSON") expect(body.detail).toBe(given.detail);
    expect(body.request_id).toBe(answer.headers.get("x-request-id"));
    expect(body.errors?.map(({ path: field }) => field)).toEqual(given.fields);
    expect(answer.headers.get("retry-after")).toBeNull();
  });
});

test("GET where only POST answers is 405 with Allow", async () => {
  const answer = await world.get(`/inference/predict/${model}`);
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
});
