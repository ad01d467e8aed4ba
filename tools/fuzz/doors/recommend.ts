import fc from "fast-check";

import { bodiesOf, garbage } from "../bytes.ts";
import { bare, withBody, type FuzzCase } from "../case.ts";
import { mutantsOf } from "../mutate.ts";
import { edgeNumber, hostileKey, itemId, oddId } from "../values.ts";
import { queryOf } from "./query.ts";

const preview = fc.record(
  {
    tag_affinity: fc.dictionary(
      fc.oneof(fc.constantFrom("theme:label 1", "theme:label 2"), oddId, hostileKey),
      fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), edgeNumber),
      { maxKeys: 4 },
    ),
    like_items: fc.array(itemId, { maxLength: 4 }),
    demographics: fc.dictionary(oddId, fc.oneof(oddId, edgeNumber, fc.boolean()), { maxKeys: 3 }),
    limit: fc.oneof(fc.integer({ min: 1, max: 100 }), edgeNumber),
  },
  { requiredKeys: [] },
);

const read = (path: string, names: readonly string[], weight: number) => ({
  weight,
  arbitrary: queryOf(names).map((query) => bare("recommend", "GET", `${path}${query}`)),
});
const RECOMMEND = [
  "user_id",
  "limit",
  "filter",
  "exclude",
  "near_lat",
  "near_lon",
  "geo_radius_m",
  "explain",
  "include_content",
];

/** Requests for lists, models and history. */
export const recommendCases: fc.Arbitrary<FuzzCase> = fc.oneof(
  read("/api/recommend", RECOMMEND, 6),
  read("/api/usermodel", ["user_id"], 3),
  read("/api/usermodel/explain", ["user_id"], 2),
  read("/api/usermodel/history", ["user_id", "limit", "cursor"], 3),
  {
    weight: 6,
    arbitrary: fc
      .oneof(
        { weight: 8, arbitrary: bodiesOf(mutantsOf(preview)) },
        { weight: 1, arbitrary: garbage },
      )
      .map((body) =>
        withBody(
          {
            door: "recommend",
            method: "POST",
            path: "/api/recommend/preview",
            key: "api",
            headers: {},
          },
          body,
        ),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        "/api/recommend",
        "/api/recommend/preview",
        "/api/usermodel",
        "/api/recommend/nothing",
      )
      .chain((path) =>
        fc
          .constantFrom("DELETE", "PUT", "GET", "OPTIONS")
          .map((method) => bare("recommend", method, path)),
      ),
  },
);
