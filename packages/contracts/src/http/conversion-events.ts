import { z } from "zod";

import { MAX_ID_LENGTH } from "../limits.ts";
import { queryInt, storedText } from "./common.ts";
import { eventTime, eventValue, itemsOf, rowKey, unitId } from "./experiments.ts";

export const slotEventType = z.enum(["impression", "click", "purchase"]);
export const conversionEventBody = z.strictObject({
  project: z.int().positive(),
  deployment_slot: z.int().positive().max(2_147_483_647),
  user_id: unitId,
  item_id: storedText.max(MAX_ID_LENGTH).default(""),
  event_type: slotEventType,
  recommendation_request_id: z
    .guid()
    .transform((id) => id.toLowerCase())
    .nullable()
    .default(null),
  metadata_json: z.record(z.string(), z.unknown()).default({}),
  value: eventValue.nullish(),
  occurred_at: eventTime.nullish(),
  idempotency_key: rowKey,
  is_bot: z.boolean().optional(),
});
export type ConversionEventBody = z.output<typeof conversionEventBody>;
export const conversionEventBatchBody = z.strictObject({ events: itemsOf(conversionEventBody) });

export const conversionEvent = z
  .object({
    id: z.int(),
    project: z.int(),
    deployment_slot: z.int(),
    user_id: z.string(),
    item_id: z.string(),
    event_type: slotEventType,
    recommendation_request_id: z.string().nullable(),
    metadata_json: z.record(z.string(), z.unknown()),
    value: z.number().nullable(),
    idempotency_key: z.string().nullable(),
    is_bot: z.boolean(),
    occurred_at: z.string(),
    timestamp: z.string().describe("When the row was stored"),
  })
  .meta({ id: "ConversionEvent" });
export const recordedConversionEvent = conversionEvent.extend({
  recorded: z.boolean().describe("false: seen before, the row is the one that stands"),
});
export const conversionEventBatchResponse = z
  .object({
    received: z.int(),
    recorded: z.int(),
    deduplicated: z.int(),
    rejected: z.array(
      z.object({
        index: z.int(),
        code: z.enum(["FOREIGN_PROJECT", "FOREIGN_SLOT", "USER_ERASED"]),
      }),
    ),
    created: z.int().describe("The same as recorded"),
  })
  .meta({ id: "ConversionEventBatch" });
export const conversionEventsQuery = z.object({
  page: queryInt(1, 100_000, 1),
  page_size: queryInt(1, 500, 50),
  project: queryInt(0, Number.MAX_SAFE_INTEGER, 0),
  deployment_slot: queryInt(0, 2_147_483_647, 0),
  event_type: slotEventType.optional(),
});
