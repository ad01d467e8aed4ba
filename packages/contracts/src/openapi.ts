import type { z } from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from "zod-openapi";

import { errorBody, type Scope } from "./http/common.ts";

/** One HTTP call as data: routes bind to it, the OpenAPI document is made from it. */
export interface Endpoint {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** OpenAPI form: `/api/content/{item_id}`. */
  path: string;
  summary: string;
  tag: string;
  /** Scope an API key needs; `write_key` = a source's write key or scope write; none = open. */
  auth: Scope | "write_key" | "none";
  query?: z.ZodType;
  body?: z.ZodType;
  /** One line of the same as `application/x-ndjson`. */
  ndjson?: z.ZodType;
  /** An admin key may name another project by `?project=`. */
  anyProject?: true;
  status?: number;
  response: z.ZodType;
  /** Media type of the answer (default `application/json`). */
  responseType?: string;
  /** Statuses beside the success one that this call answers with an error body. */
  errors?: readonly number[];
}

const PROJECT = {
  name: "project",
  in: "query" as const,
  description: "Admin keys only; default: the key's project",
  schema: { type: "integer" as const, minimum: 1 },
};

const QUERY_RULE =
  "A query parameter that a call does not take is refused with 422 VALIDATION_FAILED, which names it; " +
  "calls that need a write key or scope predict take whatever is sent.";

/** `getContentByItemId`: from method and path, so that it changes only when these do. */
export function operationIdOf({ method, path }: Pick<Endpoint, "method" | "path">): string {
  const words = path
    .replace(/^\/api\b(?:\/v\d+)?/, "")
    .replaceAll(/\{(\w+)\}/g, "by_$1")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "");
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/**
 * Every status beside the success one that a call can answer with: what it names itself, and what
 * follows from its key, its query and its body.
 */
export function failuresOf(endpoint: Endpoint): number[] {
  const { auth, query, body, anyProject, errors = [] } = endpoint;
  const all = new Set([500, ...errors]);
  if (auth !== "none") for (const status of [401, 403, 429, 503]) all.add(status);
  // Calls of our own refuse query parameters they do not take.
  if (["read", "write", "admin"].includes(auth)) all.add(422);
  if (query !== undefined || anyProject === true) all.add(422);
  if (anyProject === true) all.add(404);
  if (body !== undefined) for (const status of [400, 413, 415, 422]) all.add(status);
  return [...all].sort((a, b) => a - b);
}

function pathNames(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
}

/** What every app answers beside its own calls. */
const INFRASTRUCTURE: ZodOpenApiPathsObject = Object.fromEntries(
  [
    { path: "/livez", summary: "The process answers", type: "application/json", failures: [] },
    {
      path: "/readyz",
      summary: "Every dependency answers; names those that do not",
      type: "application/json",
      failures: [503],
    },
    {
      path: "/metrics",
      summary: "Metrics in the text format of Prometheus",
      type: "text/plain",
      failures: [],
    },
  ].map(({ path, summary, type, failures }) => {
    const content = { [type]: { schema: { type: type === "text/plain" ? "string" : "object" } } };
    const answers = [200, ...failures].map((status) => [
      `${status}`,
      { description: status === 200 ? "Success" : "Not ready", content },
    ]);
    const get = {
      operationId: operationIdOf({ method: "get", path }),
      summary,
      tags: ["infrastructure"],
      security: [],
      responses: Object.fromEntries(answers) as ZodOpenApiOperationObject["responses"],
    };
    return [path, { get }];
  }),
);

/** OpenAPI 3.1 document of a set of endpoints. */
export function openApiDocument(title: string, version: string, endpoints: readonly Endpoint[]) {
  const paths: ZodOpenApiPathsObject = { ...INFRASTRUCTURE };
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operation(endpoint) };
  }
  return createDocument({
    openapi: "3.1.0",
    info: {
      title,
      version,
      description: QUERY_RULE,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
        writeKey: { type: "apiKey", in: "header", name: "X-Write-Key" },
        writeKeyBearer: { type: "http", scheme: "bearer" },
        writeKeyBasic: { type: "http", scheme: "basic" },
      },
    },
  });
}

function operation(endpoint: Endpoint): ZodOpenApiOperationObject {
  const names = pathNames(endpoint.path);
  const error = { content: { "application/json": { schema: errorBody } } };
  return {
    operationId: operationIdOf(endpoint),
    summary: endpoint.summary,
    tags: [endpoint.tag],
    security: security(endpoint.auth),
    parameters: [
      ...names.map((name) => ({
        name,
        in: "path" as const,
        required: true,
        schema: { type: "string" as const },
      })),
      ...(endpoint.anyProject === true ? [PROJECT] : []),
    ],
    ...(endpoint.query ? { requestParams: { query: endpoint.query as z.ZodObject } } : {}),
    ...(endpoint.body
      ? {
          requestBody: {
            content: {
              "application/json": { schema: endpoint.body },
              ...(endpoint.ndjson ? { "application/x-ndjson": { schema: endpoint.ndjson } } : {}),
            },
          },
        }
      : {}),
    responses: {
      [`${endpoint.status ?? 200}`]: {
        description: "Success",
        ...(endpoint.status === 204
          ? {}
          : {
              content: {
                [endpoint.responseType ?? "application/json"]: { schema: endpoint.response },
              },
            }),
      },
      ...Object.fromEntries(
        failuresOf(endpoint).map((status) => [`${status}`, { description: "Error", ...error }]),
      ),
    },
  };
}

function security(auth: Endpoint["auth"]): Record<string, string[]>[] {
  if (auth === "none") return [];
  if (auth !== "write_key") return [{ apiKey: [] }];
  return [{ writeKey: [] }, { writeKeyBearer: [] }, { writeKeyBasic: [] }, { apiKey: [] }];
}
