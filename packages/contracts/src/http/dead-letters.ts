import { z } from "zod";

import { queryFlag, queryInt } from "./common.ts";

export const deadLetter = z
  .object({
    id: z.string(),
    app: z.string(),
    code: z.string(),
    detail: z.string(),
    received_at: z.string(),
    event: z
      .unknown()
      .describe(
        "Without what says who it is of: ids as hashes, other fields that may be personal covered, " +
          "a text that could not be parsed covered whole. With `whole=true` the original",
      ),
    truncated: z.boolean(),
    replays: z.int().describe("How often it was replayed"),
  })
  .meta({ id: "DeadLetter" });

export const deadLettersQuery = z.object({
  app: z.string().optional(),
  code: z.string().optional(),
  limit: queryInt(1, 500, 50),
  cursor: z.string().optional(),
  id: z.string().optional().describe("This one letter; other filters do not count then"),
  whole: queryFlag.describe("Originals with personal data; needs scope admin, and is logged"),
});
export const deadLettersPage = z.object({
  dead_letters: z.array(deadLetter),
  next: z.string().nullable(),
});

export const replayRequest = z
  .strictObject({
    ids: z.array(z.string()).min(1).max(1_000).optional(),
    code: z.string().optional(),
    dry_run: z.boolean().default(false),
  })
  .refine((body) => (body.ids === undefined) !== (body.code === undefined), {
    message: "give either ids or code",
  });
export const replayResult = z.object({
  id: z.string(),
  verdict: z.enum(["accepted", "duplicate", "ignored", "expired", "dead_lettered", "not_found"]),
  code: z.string().optional(),
});
export const replayResponse = z.object({ replayed: z.int(), results: z.array(replayResult) });
export type ReplayResponse = z.output<typeof replayResponse>;
