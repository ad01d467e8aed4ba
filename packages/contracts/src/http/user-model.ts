import { EVENT_KINDS } from "@signalpath/domain";
import { z } from "zod";

import { MAX_ID_LENGTH } from "../limits.ts";
import { queryInt } from "./common.ts";

// Trimmed as ingest trims it.
const userId = z.string().trim().min(1).max(MAX_ID_LENGTH);
const weights = z.record(z.string(), z.number());

export const userQuery = z.object({ user_id: userId });
export const userModelQuery = userQuery.extend({
  as_of: z.iso
    .datetime({ offset: true })
    .optional()
    .describe("The model folded anew from the events up to this moment; its `revision` is 0"),
});
export const historyQuery = z.object({
  user_id: userId,
  limit: queryInt(1, 500, 50),
  cursor: z.string().optional(),
});

export const userModelResponse = z
  .object({
    user_id: z.string(),
    revision: z.int(),
    as_of: z.string(),
    n_events: z.int(),
    positives: weights,
    negatives: weights,
    viewed: z.array(z.string()).describe("Item ids viewed or reacted to, newest first"),
    recent: z.array(z.string()),
    tag_affinity: weights,
    tag_aversion: weights,
    interests: z.array(z.string()),
    behavior: z.record(z.string(), z.number()),
    hours: z.array(z.number()),
    demographics: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    last_location: z.object({ lat: z.number(), lon: z.number() }).optional(),
    space: z.object({ id: z.string(), dimensions: z.int() }).optional(),
    hidden_until: z.record(z.string(), z.string()),
  })
  .meta({ id: "UserModel" });
export type UserModelResponse = z.output<typeof userModelResponse>;

const interest = z.object({
  label: z.string(),
  weight: z.number(),
  evidence: z.array(z.string()).describe("Item ids"),
});
export const explainResponse = z
  .object({
    user_id: z.string(),
    interests: z.array(interest),
    aversions: z.array(interest),
    engagement_style: z.enum(["deep_reader", "skimmer", "sampler", "unknown"]),
    breadth: z.number().describe("0 = one subject, 1 = evenly spread"),
    trajectory: z.enum(["warming", "steady", "cooling", "new"]),
    summary: z.string(),
  })
  .meta({ id: "UserModelExplanation" });
export type ExplainResponse = z.output<typeof explainResponse>;

export const historyResponse = z.object({
  events: z.array(
    z.object({
      event_id: z.string(),
      kind: z.enum(EVENT_KINDS),
      item_id: z.string().optional(),
      occurred_at: z.string(),
      reaction: z.string().optional(),
      dwell_ms: z.number().optional(),
      end_reason: z.string().optional(),
      rating: z.number().optional(),
      request_id: z.string().optional(),
    }),
  ),
  next: z.string().nullable(),
});

export const rebuildRequest = z
  .strictObject({
    project_id: z.int().positive().optional(),
    user_ids: z.array(userId).min(1).max(10_000).optional(),
    all: z.literal(true).optional(),
    features: z.boolean().optional().describe("Profile features only: models stay as they are"),
  })
  .refine((body) => (body.user_ids === undefined) !== (body.all === undefined), {
    message: "give either user_ids or all: true",
  });
export const rebuildResponse = z.object({
  rebuilt: z.int(),
  unknown: z.array(z.string()).describe("User ids without events"),
});
