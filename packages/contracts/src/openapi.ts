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
  status?: number;
  response: z.ZodType;
  /** Statuses beside the success one that this call answers with an error body. */
  errors?: readonly number[];
}

/** OpenAPI 3.1 document of a set of endpoints. */
export function openApiDocument(title: string, version: string, endpoints: readonly Endpoint[]) {
  const paths: ZodOpenApiPathsObject = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operation(endpoint) };
  }
  return createDocument({
    openapi: "3.1.0",
    info: { title, version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
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
  const names = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  const failures = [...(endpoint.auth === "none" ? [] : [401, 403]), ...(endpoint.errors ?? [])];
  const error = { content: { "application/json": { schema: errorBody } } };
  return {
    summary: endpoint.summary,
    tags: [endpoint.tag],
    security: security(endpoint.auth),
    parameters: names.map((name) => ({
      name,
      in: "path" as const,
      required: true,
      schema: { type: "string" as const },
    })),
    ...(endpoint.query ? { requestParams: { query: endpoint.query as z.ZodObject } } : {}),
    ...(endpoint.body
      ? { requestBody: { content: { "application/json": { schema: endpoint.body } } } }
      : {}),
    responses: {
      [`${endpoint.status ?? 200}`]: {
        description: "Success",
        content: { "application/json": { schema: endpoint.response } },
      },
      ...Object.fromEntries(
        [...new Set(failures)].map((status) => [`${status}`, { description: "Error", ...error }]),
      ),
    },
  };
}

function security(auth: Endpoint["auth"]): Record<string, string[]>[] {
  if (auth === "none") return [];
  if (auth !== "write_key") return [{ apiKey: [] }];
  return [{ writeKey: [] }, { writeKeyBearer: [] }, { writeKeyBasic: [] }, { apiKey: [] }];
}
