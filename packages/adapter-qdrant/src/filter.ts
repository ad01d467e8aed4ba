import type { Schemas } from "@qdrant/js-client-rest";
import type { GeoPoint } from "@signalpath/domain";
import type { ContentFilter } from "@signalpath/ports";

import { pointId } from "./payload.ts";

export type Condition = Schemas["FieldCondition"] | Schemas["IsEmptyCondition"];
export interface Filter {
  must: Schemas["Condition"][];
  must_not: Schemas["Condition"][];
}

/** More seen items or excluded ids than this are left out in this process, by fetching more. */
const MOST_VALUES = 4_096;
/** Two formulas for one distance may differ in their last digits: ask wider, decide here. */
const SLACK = 1.001;

/** Every filter names the project. */
export function ofProject(projectId: number, ...also: Condition[]): Filter {
  return { must: [{ key: "project", match: { value: String(projectId) } }, ...also], must_not: [] };
}

/**
 * What the server can leave out of a search; it may let through more than the filter does, never
 * less. Dates that are absent hide nothing, so both are told by what must not be.
 */
export function searchable(projectId: number, filter: ContentFilter, ...also: Condition[]): Filter {
  const { must } = ofProject(projectId, ...also);
  const mustNot: Schemas["Condition"][] = [
    { key: "published_ms", range: { gt: filter.nowMs } },
    { key: "expires_ms", range: { lte: filter.nowMs } },
  ];
  if (filter.tag !== undefined) must.push({ key: "tags", match: { value: filter.tag } });
  if (filter.within !== undefined) {
    must.push(withinRadius(filter.within.point, filter.within.radiusM));
  }
  const seen = [...(filter.seen ?? [])].slice(0, MOST_VALUES);
  if (seen.length > 0) mustNot.push({ key: "hash", match: { any: seen } });
  const excluded = [...(filter.exclude ?? [])].slice(0, MOST_VALUES);
  if (excluded.length > 0) {
    mustNot.push({ has_id: excluded.map((itemId) => pointId(projectId, itemId)) });
  }
  return { must, must_not: mustNot };
}

export function withinRadius({ lat, lon }: GeoPoint, radiusM: number): Condition {
  return { key: "place", geo_radius: { center: { lat, lon }, radius: radiusM * SLACK + 1 } };
}

/** Of those that pass, the items that have a place, anywhere or within a circle. */
export function withPlace(filter: Filter, within: Condition | undefined): Filter {
  const nowhere: Condition = { is_empty: { key: "place" } };
  return {
    must: within === undefined ? filter.must : [...filter.must, within],
    must_not: [...filter.must_not, nowhere],
  };
}
