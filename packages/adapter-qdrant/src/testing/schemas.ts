import { z } from "zod";

/** Request bodies as Qdrant 1.17 documents them, as far as this package sends them; nothing else is let in. */

const id = z.union([z.uuid(), z.int().nonnegative()]);
const key = z.string().min(1);
const point = z.strictObject({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
});
const match = z.union([
  z.strictObject({ value: z.union([z.string(), z.int(), z.boolean()]) }),
  z.strictObject({ any: z.union([z.array(z.string()), z.array(z.int())]) }),
]);
const bound = z.number().optional();
const range = z.strictObject({ gt: bound, gte: bound, lt: bound, lte: bound });
export const condition = z.union([
  z.strictObject({ key, match }),
  z.strictObject({ key, range }),
  z.strictObject({
    key,
    geo_radius: z.strictObject({ center: point, radius: z.number().nonnegative() }),
  }),
  z.strictObject({ is_empty: z.strictObject({ key }) }),
  z.strictObject({ has_id: z.array(id) }),
]);
export const filter = z.strictObject({
  must: z.array(condition).optional(),
  should: z.array(condition).optional(),
  must_not: z.array(condition).optional(),
});

const sparse = z
  .strictObject({ indices: z.array(z.int().min(0).max(0xffff_ffff)), values: z.array(z.number()) })
  .refine(({ indices, values }) => indices.length === values.length, "different lengths")
  .refine(({ indices }) => new Set(indices).size === indices.length, "indices must be unique");
const dense = z.array(z.number()).min(1);
const withPayload = z.union([z.boolean(), z.array(z.string())]).default(true);
const limit = z.int().min(1);

export const createCollection = z.strictObject({
  vectors: z
    .union([
      z.strictObject({ size: z.int().min(1).max(65_536), distance: z.literal("Cosine") }),
      z.strictObject({}),
    ])
    .optional(),
  sparse_vectors: z.record(z.string(), z.strictObject({})).optional(),
  hnsw_config: z.strictObject({ m: z.int().nonnegative() }).optional(),
});
export const createIndex = z.strictObject({
  field_name: key,
  field_schema: z.union([
    z.enum(["keyword", "integer", "geo"]),
    z.strictObject({ type: z.literal("keyword"), is_tenant: z.boolean() }),
  ]),
});
export const upsert = z.strictObject({
  points: z
    .array(
      z.strictObject({
        id,
        vector: z.union([dense, z.record(z.string(), sparse)]),
        payload: z.record(z.string(), z.unknown()).nullable().optional(),
      }),
    )
    .min(1),
});
export const remove = z.strictObject({ points: z.array(id) });
export const retrieve = z.strictObject({
  ids: z.array(id),
  with_payload: withPayload,
  with_vector: z.boolean().optional(),
});
export const scroll = z.strictObject({
  filter: filter.optional(),
  limit: limit.default(10),
  offset: id.optional(),
  with_payload: withPayload,
  with_vector: z.boolean().optional(),
  order_by: z.strictObject({ key, direction: z.enum(["asc", "desc"]).optional() }).optional(),
});
export const query = z.strictObject({
  query: z.union([dense, sparse]),
  using: z.string().optional(),
  filter: filter.optional(),
  params: z.strictObject({ exact: z.boolean() }).optional(),
  limit: limit.default(10),
  with_payload: withPayload.default(false),
});
export const count = z.strictObject({ filter: filter.optional(), exact: z.boolean().optional() });
export const facet = z.strictObject({
  key,
  limit: limit.default(10),
  filter: filter.optional(),
  exact: z.boolean().optional(),
});
