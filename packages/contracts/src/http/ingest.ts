import { z } from "zod";

import { ITEM_CODES } from "../errors.ts";

export const VERDICTS = ["accepted", "duplicate", "ignored", "expired", "dead_lettered"] as const;
export type Verdict = (typeof VERDICTS)[number];

export const ingestItemResult = z.object({
  message_id: z.string().nullable(),
  verdict: z.enum(VERDICTS),
  code: z.enum(ITEM_CODES).optional(),
  subject: z.string().optional(),
});
export type IngestItemResult = z.output<typeof ingestItemResult>;

export const ingestResponse = z
  .object({
    received: z.int(),
    accepted: z.int(),
    duplicates: z.int(),
    ignored: z.int(),
    expired: z.int(),
    dead_lettered: z.int(),
    results: z.array(ingestItemResult),
  })
  .meta({ id: "IngestResponse" });
export type IngestResponse = z.output<typeof ingestResponse>;

/** Documentation only: a third party's event is judged by the normaliser, not by a schema. */
export const ingestEvent = z
  .looseObject({
    type: z.string().optional(),
    event: z.string().optional(),
    messageId: z.string().optional(),
    userId: z.string().optional(),
    anonymousId: z.string().optional(),
    timestamp: z.string().optional(),
    properties: z.record(z.string(), z.unknown()).optional(),
    traits: z.record(z.string(), z.unknown()).optional(),
    context: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: "IngestEvent" });
export const ingestRequest = z.union([
  ingestEvent,
  z.array(ingestEvent),
  z.object({ batch: z.array(ingestEvent) }),
]);
