import { MAX_ROW_ID, ServiceError } from "@signalpath/contracts";
import type { Context } from "hono";
import type { z } from "zod";

import { readBody } from "./body.ts";
import { decodeUtf8, parseJson, refuseUnsafe } from "./json.ts";

/** Validates anything against a schema. @throws ZodError, answered as 422. */
export function validate<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  return schema.parse(value);
}

/** Query string of a request, validated. Given twice, the last one counts. @throws ZodError. */
export function parseQuery<S extends z.ZodType>(c: Context, schema: S): z.output<S> {
  return schema.parse(c.req.query());
}

/**
 * JSON body of one of our own calls, validated; an empty body is `{}`.
 * @throws ServiceError MALFORMED_JSON, BODY_TOO_LARGE, UNSAFE_BODY; ZodError.
 */
export async function parseBody<S extends z.ZodType>(
  c: Context,
  schema: S,
  maxBytes?: number,
): Promise<z.output<S>> {
  const text = decodeUtf8(await readBody(c, maxBytes));
  const value = text.trim() === "" ? {} : parseJson(text);
  refuseUnsafe(value);
  return schema.parse(value);
}

/** Path parameter, decoded by the router. @throws ServiceError NOT_FOUND when it is absent. */
export function pathParam(c: Context, name: string): string {
  const value = c.req.param(name);
  if (value === undefined || value === "") throw new ServiceError("NOT_FOUND", "no such path");
  return value;
}

/** Path parameter that is the id of a row. @throws ServiceError NOT_FOUND for what can be none. */
export function pathId(c: Context, name: string): number {
  const text = pathParam(c, name);
  const id = /^[1-9]\d{0,14}$/.test(text) ? Number(text) : Number.NaN;
  if (!(id <= MAX_ROW_ID)) throw new ServiceError("NOT_FOUND", "no such path");
  return id;
}
