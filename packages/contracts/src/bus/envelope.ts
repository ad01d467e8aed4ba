import { END_REASONS, EVENT_KINDS, REACTIONS, type SignalEvent } from "@signalpath/domain";
import { z } from "zod";

import { MAX_ID_LENGTH } from "../limits.ts";

const id = z.string().min(1).max(MAX_ID_LENGTH);

/** Canonical: UTC, milliseconds, years 2001 to 9999, so that text order is time order. */
export const canonicalTime = z
  .string()
  .regex(/^(200[1-9]|20[1-9]\d|2[1-9]\d\d|[3-9]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .refine((text) => !Number.isNaN(Date.parse(text)), "not a date");

/** Wire form of one event; the table in docs/subjects.md is made from it. */
export const signalEnvelope = z
  .object({
    event_id: id.describe("Unique in its project"),
    project_id: z.int().positive(),
    user_id: id.optional(),
    anonymous_id: id.optional(),
    previous_id: id.optional().describe("Alias only: the id that user_id replaces"),
    kind: z.enum(EVENT_KINDS),
    occurred_at: canonicalTime,
    received_at: canonicalTime,
    item_id: id.optional(),
    reaction: z.enum(REACTIONS).optional(),
    dwell_ms: z.number().nonnegative().optional().describe("Milliseconds"),
    end_reason: z.enum(END_REASONS).optional(),
    rating: z.number().min(1).max(5).optional(),
    request_id: id.optional().describe("The answer this event reacts to"),
    session_id: id.optional(),
    position: z.int().positive().optional().describe("1-based place in the list shown"),
    impressions: z.array(id).max(1_000).optional(),
    traits: z.record(z.string(), z.unknown()).optional(),
    answers: z.record(z.string(), z.unknown()).optional(),
    query: z.string().max(1_000).optional(),
    location: z
      .object({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) })
      .optional(),
    value: z.number().optional(),
    source: z.string().max(100).optional(),
    is_bot: z.boolean().optional(),
    utc_offset_min: z.int().min(-840).max(840).optional(),
    slot_id: z.int().optional(),
    experiment_id: z.string().max(100).optional(),
    variation_index: z.int().nonnegative().optional(),
  })
  .refine((event) => event.user_id !== undefined || event.anonymous_id !== undefined, {
    message: "user_id or anonymous_id is required",
  }) satisfies z.ZodType<SignalEvent>;
