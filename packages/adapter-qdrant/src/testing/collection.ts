import type { z } from "zod";

import { type Payload, passes, valuesOf } from "./conditions.ts";
import type * as bodies from "./schemas.ts";

type Body<K extends keyof typeof bodies> = z.output<(typeof bodies)[K]>;
type Sparse = { indices: number[]; values: number[] };

/** An answer that is an error. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Point {
  id: string;
  payload: Payload;
  dense: number[] | undefined;
  sparse: Record<string, Sparse>;
}

/** One collection in memory, with Qdrant's arithmetic (32-bit) and its refusals. */
export function createCollectionDouble(settings: Body<"createCollection">) {
  const points = new Map<string, Point>();
  const indexes = new Map<string, string>();
  const size = settings.vectors && "size" in settings.vectors ? settings.vectors.size : undefined;

  const matching = (filter: Body<"filter"> | undefined) =>
    [...points.values()]
      .filter(({ id, payload }) => passes(id, payload, filter ?? {}))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  const indexed = (key: string, type: string) => {
    if (indexes.get(key) === type) return;
    throw new Refusal(400, `Bad request: Index required but not found for "${key}"`);
  };
  const assertLength = (vector: readonly number[]) => {
    if (size === undefined) {
      throw new Refusal(400, "Wrong input: Not existing vector name error: ");
    }
    if (vector.length === size) return;
    const found = vector.length;
    throw new Refusal(
      400,
      `Wrong input: Vector dimension error: expected dim: ${size}, got ${found}`,
    );
  };
  const assertSparse = (name: string) => {
    if (Object.hasOwn(settings.sparse_vectors ?? {}, name)) return;
    throw new Refusal(400, `Wrong input: Not existing vector name error: ${name}`);
  };

  return {
    info: () => ({
      status: "green",
      points_count: points.size,
      payload_schema: Object.fromEntries(
        [...indexes].map(([key, data_type]) => [key, { data_type, points: points.size }]),
      ),
    }),
    index({ field_name, field_schema }: Body<"createIndex">) {
      indexes.set(field_name, typeof field_schema === "string" ? field_schema : field_schema.type);
    },
    upsert(body: Body<"upsert">) {
      const made = body.points.map(({ id, vector, payload }): Point => {
        const own = payload ?? {};
        if (Array.isArray(vector)) {
          assertLength(vector);
          return { id: String(id), payload: own, dense: normalised(vector), sparse: {} };
        }
        Object.keys(vector).forEach(assertSparse);
        return { id: String(id), payload: own, dense: undefined, sparse: vector };
      });
      for (const point of made) points.set(point.id, point);
    },
    remove: (body: Body<"remove">) => body.points.forEach((id) => points.delete(String(id))),
    retrieve: (body: Body<"retrieve">) =>
      body.ids.flatMap((id) => {
        const point = points.get(String(id));
        return point === undefined ? [] : [record(point, body.with_payload)];
      }),
    scroll(body: Body<"scroll">) {
      const found = matching(body.filter);
      if (body.order_by !== undefined) {
        const { key, direction = "asc" } = body.order_by;
        indexed(key, "integer");
        if (body.offset !== undefined) {
          throw new Refusal(400, "Bad request: Cannot use an `offset` when using `order_by`");
        }
        const sign = direction === "asc" ? 1 : -1;
        const ordered = found
          .flatMap((point) =>
            valuesOf(point.payload, key).map((value) => ({ point, value: Number(value) })),
          )
          .sort((a, b) => sign * (a.value - b.value))
          .slice(0, body.limit);
        const records = ordered.map(({ point, value }) => ({
          ...record(point, body.with_payload),
          order_value: value,
        }));
        return { points: records, next_page_offset: null };
      }
      const from = body.offset === undefined ? "" : String(body.offset);
      const rest = found.filter(({ id }) => id >= from);
      return {
        points: rest.slice(0, body.limit).map((point) => record(point, body.with_payload)),
        next_page_offset: rest[body.limit]?.id ?? null,
      };
    },
    query(body: Body<"query">) {
      const { query, using, limit } = body;
      const score = Array.isArray(query) ? byDense(query, using) : bySparse(query, using);
      const scored = matching(body.filter)
        .flatMap((point) => {
          const own = score(point);
          return own === undefined ? [] : [{ point, score: own }];
        })
        .sort((a, b) => b.score - a.score)
        .slice(0, limit);
      return {
        points: scored.map(({ point, score: own }) => ({
          ...record(point, body.with_payload),
          version: 0,
          score: own,
        })),
      };
    },
    count: (body: Body<"count">) => ({ count: matching(body.filter).length }),
    facet(body: Body<"facet">) {
      indexed(body.key, "keyword");
      const counts = new Map<string, number>();
      for (const { payload } of matching(body.filter)) {
        for (const value of new Set(valuesOf(payload, body.key).map(String))) {
          counts.set(value, (counts.get(value) ?? 0) + 1);
        }
      }
      const hits = [...counts].map(([value, count]) => ({ value, count }));
      hits.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
      return { hits: hits.slice(0, body.limit) };
    },
  };

  function byDense(query: number[], using: string | undefined) {
    if (using !== undefined) {
      throw new Refusal(400, `Wrong input: Not existing vector name error: ${using}`);
    }
    assertLength(query);
    const unit = normalised(query);
    return ({ dense }: Point) => {
      if (dense === undefined) return undefined;
      return dense.reduce((sum, value, i) => Math.fround(sum + Math.fround(value * unit[i]!)), 0);
    };
  }

  function bySparse(query: Sparse, using = "") {
    assertSparse(using);
    return ({ sparse }: Point) => {
      const own = sparse[using];
      if (own === undefined) return undefined;
      const shared = query.indices.filter((index) => own.indices.includes(index));
      // A point without a dimension in common is not found at all.
      if (shared.length === 0) return undefined;
      return shared.reduce((sum, index) => {
        const a = query.values[query.indices.indexOf(index)]!;
        return Math.fround(sum + a * own.values[own.indices.indexOf(index)]!);
      }, 0);
    };
  }
}

function record({ id, payload }: Point, wanted: boolean | readonly string[]) {
  if (wanted === false) return { id };
  const kept = Object.entries(payload).filter(([key]) => wanted === true || wanted.includes(key));
  return { id, payload: Object.fromEntries(kept) };
}

/** Cosine collections keep directions; a vector without one stays as it is. */
function normalised(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => Math.fround(value / length));
}
