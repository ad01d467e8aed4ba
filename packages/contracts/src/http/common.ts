import { z } from "zod";

import { MAX_ROW_ID } from "../limits.ts";

/** Body of every answer that is not a success. */
export const errorBody = z
  .object({
    detail: z.string(),
    code: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Error" });
export type ErrorBody = z.output<typeof errorBody>;

/** Id of a row. */
export const rowId = z.int().positive().max(MAX_ROW_ID);

/** A text that a database keeps: neither NUL nor half a surrogate pair. */
export const storedText = z
  .string()
  .refine((text) => text.isWellFormed() && !text.includes("\0"), "not Unicode text");

/** A whole number from a query string. */
export function queryInt(min: number, max: number, fallback: number): z.ZodType<number> {
  return z.preprocess(
    (value) =>
      value === undefined
        ? fallback
        : typeof value === "string" && /^-?\d+$/.test(value)
          ? Number(value)
          : value,
    z.int().min(min).max(max),
  );
}

/** A decimal number from a query string. */
export function queryNumber(min: number, max: number): z.ZodType<number | undefined> {
  return z.preprocess(
    // An empty text is no zero, and no parameter that was left out either.
    (value) => (typeof value === "string" ? Number(value.trim() || Number.NaN) : value),
    z.number().min(min).max(max).optional(),
  );
}

/** `true` / `false` / `1` / `0` from a query string. */
export const queryFlag = z
  .enum(["true", "false", "1", "0"])
  .optional()
  .transform((value) => value === "true" || value === "1");

/**
 * Scopes of an API key. `admin` implies all of them on every project. `recommend` asks for lists and
 * `ingest` sends events, and nothing else: together they are a key that a web page may show.
 */
export const scope = z.enum(["read", "write", "predict", "recommend", "ingest", "admin"]);
export type Scope = z.output<typeof scope>;

/** On rows of administration, for clients of Recotem. */
export const insDatetime = z.string().describe("Recotem's name of `created_at`");
