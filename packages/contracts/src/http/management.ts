import { z } from "zod";

import { MAX_ROW_ID } from "../limits.ts";
import { insDatetime, queryInt, rowId, scope, storedText } from "./common.ts";

export const projectBody = z.strictObject({ name: storedText.min(1).max(200) });
export const project = z
  .object({ id: z.int(), name: z.string(), created_at: z.string(), ins_datetime: insDatetime })
  .meta({ id: "Project" });

/** Pages of administration resources: `next` and `previous` are paths or null. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    count: z.int(),
    next: z.string().nullable(),
    previous: z.string().nullable(),
    results: z.array(item),
  });
}
export const pageQuery = z.object({
  page: queryInt(1, 100_000, 1),
  page_size: queryInt(1, 500, 50),
  project: queryInt(0, MAX_ROW_ID, 0).describe("Project id; 0 or absent = all"),
});

export const keyKind = z.enum(["write", "api"]);
export const senderProfile = z.enum(["rudderstack", "standard"]);
export const createKeyBody = z.strictObject({
  project: rowId,
  name: storedText.min(1).max(200),
  kind: keyKind.default("api").describe("write: a source's write key; api: X-API-Key"),
  scopes: z
    .array(scope)
    .optional()
    .describe("Default: read for an API key, write for a write key, which can have no other"),
  source: storedText.min(1).max(100).optional().describe("Source a write key belongs to"),
  profile: senderProfile.optional(),
  expires_at: z.iso.datetime({ offset: true }).optional(),
});
export const apiKey = z
  .object({
    id: z.int(),
    project: z.int(),
    name: z.string(),
    kind: keyKind,
    scopes: z.array(scope),
    source: z.string().nullable(),
    profile: senderProfile.nullable(),
    prefix: z.string(),
    key_prefix: z.string().describe("Recotem's name of `prefix`"),
    is_active: z.boolean(),
    status: z.enum(["active", "expired", "revoked"]),
    created_at: z.string(),
    ins_datetime: insDatetime,
    expires_at: z.string().nullable(),
    revoked_at: z.string().nullable(),
    last_used_at: z.string().nullable(),
  })
  .meta({ id: "ApiKey" });
export const createdKey = apiKey.extend({ key: z.string().describe("Shown once") });

/** The key that asked: what it is called, whose it is, what it may do. */
export const keyHolder = z
  .object({
    id: z.int(),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(scope).describe("admin implies every other scope, on every project"),
    project: z.object({ id: z.int(), name: z.string() }),
    expires_at: z.string().nullable(),
  })
  .meta({ id: "KeyHolder" });
export type KeyHolder = z.output<typeof keyHolder>;

export const eraseResponse = z
  .object({
    user_id: z.string(),
    erased_at: z.string(),
    removed: z.object({
      archive: z.int(),
      dead_letters: z.int(),
      experiments: z.int().describe("Exposures, conversions and events of deployment slots"),
      buffers: z.int(),
      models: z.int(),
      features: z.int().describe("Ids of the user with profile features"),
    }),
    kept: z
      .array(z.enum(["training_data", "trained_models"]))
      .describe(
        "What is not looked into: uploads, and models trained before; delete or retrain them",
      ),
    bus_forgets_at: z.string().describe("By then the SIGNALS stream holds nothing of the user"),
  })
  .meta({ id: "ErasureReceipt" });
export type EraseResponse = z.output<typeof eraseResponse>;
