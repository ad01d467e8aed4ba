import { namedId, type ContentItem } from "@signalpath/domain";
import { z } from "zod";

import { MAX_ID_LENGTH } from "../limits.ts";
import { queryInt } from "./common.ts";

const time = z.iso.datetime({ offset: true });

export const contentItem = z
  .strictObject({
    item_id: z
      .string()
      .trim()
      .min(1)
      .max(MAX_ID_LENGTH)
      .refine((id) => namedId(id) !== undefined, "no URL can carry this id"),
    title: z.string().min(1).max(1_000),
    text: z.string().max(200_000).optional(),
    tags: z
      .array(
        z.strictObject({
          facet: z.string().min(1).max(100),
          label: z.string().min(1).max(200),
          weight: z.number().gt(0).max(1).optional(),
        }),
      )
      .max(200)
      .default([]),
    word_count: z.int().nonnegative().optional(),
    has_image: z.boolean().optional(),
    lat: z.number().min(-90).max(90).optional(),
    lon: z.number().min(-180).max(180).optional(),
    vector: z.array(z.number()).min(2).max(4_096).optional(),
    published_at: time.optional(),
    expires_at: time.optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
  })
  .refine((item) => (item.lat === undefined) === (item.lon === undefined), {
    message: "lat and lon go together",
    path: ["lat"],
  })
  .meta({ id: "ContentItem" }) satisfies z.ZodType<ContentItem>;

export const putContentRequest = z.strictObject({ items: z.array(contentItem).max(10_000) });
export const putContentResponse = z.object({
  upserted: z.int(),
  unchanged: z.int(),
  version: z.int().describe("Catalogue version that holds them"),
});
export const deleteContentResponse = z.object({ item_id: z.string(), removed: z.boolean() });
export const contentQuery = z.object({
  query: z.string().max(1_000).optional(),
  tag: z.string().max(301).optional(),
  limit: queryInt(1, 500, 50),
  cursor: z.string().optional(),
});
export const contentPage = z.object({ items: z.array(contentItem), next: z.string().nullable() });

const count = z.int().nonnegative();
const counts = z.object({ served: count, view: count, positive: count, negative: count });

/** What happened to an item, and what is liked by the same people. */
export const itemActivity = z
  .object({
    item_id: z.string(),
    days: z.int().describe("How far back it is counted"),
    totals: counts,
    hours: z
      .array(counts.extend({ at: z.string().describe("Start of the hour, UTC") }))
      .describe("Every hour of that time, oldest first"),
    neighbours: z
      .array(
        z.object({ item_id: z.string(), title: z.string().nullable(), similarity: z.number() }),
      )
      .describe("Most similar first; no title: the item is no longer in the catalogue"),
    neighbours_computed_at: z.string().nullable(),
  })
  .meta({ id: "ItemActivity" });
export type ItemActivity = z.output<typeof itemActivity>;

/** Tags of a whole catalogue by facet. */
export const contentFacets = z
  .object({
    items: z.int().describe("Items that were counted"),
    complete: z.boolean().describe("false: the catalogue is longer than what is counted"),
    facets: z.array(
      z.object({
        facet: z.string(),
        labels: z
          .array(z.object({ label: z.string(), items: z.int() }))
          .describe("Most items first, at most 100"),
        more: z.int().describe("Labels beyond those"),
      }),
    ),
  })
  .meta({ id: "ContentFacets" });
export type ContentFacets = z.output<typeof contentFacets>;
