import { distanceM } from "@signalpath/domain";
import type { z } from "zod";

import type { condition, filter } from "./schemas.ts";

export type Payload = Readonly<Record<string, unknown>>;
type Place = { lat: number; lon: number };

/** Whether a point passes a filter, by Qdrant's documented rules: an array passes by any member. */
export function passes(
  pointId: string,
  payload: Payload,
  { must = [], should = [], must_not: mustNot = [] }: z.output<typeof filter>,
): boolean {
  const holds = (one: z.output<typeof condition>) => holdsFor(pointId, payload, one);
  return must.every(holds) && !mustNot.some(holds) && (should.length === 0 || should.some(holds));
}

function holdsFor(
  pointId: string,
  payload: Payload,
  condition_: z.output<typeof condition>,
): boolean {
  if ("has_id" in condition_) return condition_.has_id.map(String).includes(pointId);
  if ("is_empty" in condition_) return valuesOf(payload, condition_.is_empty.key).length === 0;
  const values = valuesOf(payload, condition_.key);
  if ("match" in condition_) {
    const { match } = condition_;
    const wanted: readonly unknown[] = "any" in match ? match.any : [match.value];
    return values.some((value) => wanted.includes(value));
  }
  if ("range" in condition_) {
    const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = condition_.range;
    return values.some(
      (value) =>
        typeof value === "number" && value > gt && value >= gte && value < lt && value <= lte,
    );
  }
  const { center, radius } = condition_.geo_radius;
  return values.some((value) => isPlace(value) && distanceM(center, value) <= radius);
}

/** Members of a field; none when it is absent, null or an empty array. */
export function valuesOf(payload: Payload, key: string): unknown[] {
  const value = Object.hasOwn(payload, key) ? payload[key] : undefined;
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function isPlace(value: unknown): value is Place {
  const place = value as Partial<Place> | null;
  return typeof place?.lat === "number" && typeof place.lon === "number";
}
