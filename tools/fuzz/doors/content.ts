import fc from "fast-check";

import { bodiesOf, garbage, jsonOf } from "../bytes.ts";
import { bare, withBody, type FuzzCase } from "../case.ts";
import { mutantsOf } from "../mutate.ts";
import { anything, edgeNumber, itemId, oddId, time } from "../values.ts";
import { queryOf, urlText } from "./query.ts";

const item = fc.record(
  {
    item_id: itemId,
    title: fc.oneof(fc.constant("A title"), oddId),
    text: oddId,
    tags: fc.array(
      fc.record(
        {
          facet: fc.oneof(fc.constant("theme"), oddId),
          label: oddId,
          weight: fc.oneof(fc.double({ min: 0.1, max: 1, noNaN: true }), edgeNumber),
        },
        { requiredKeys: ["facet", "label"] },
      ),
      { maxLength: 3 },
    ),
    word_count: fc.oneof(fc.nat(), edgeNumber),
    has_image: fc.boolean(),
    lat: fc.double({ min: -90, max: 90, noNaN: true }),
    lon: fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), edgeNumber),
    vector: fc.array(fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), edgeNumber), {
      minLength: 3,
      maxLength: 3,
    }),
    published_at: time,
    expires_at: time,
    metadata: fc.dictionary(oddId, anything, { maxKeys: 2 }),
  },
  { requiredKeys: ["item_id", "title"] },
);
// Sound as it stands: the neighbours of what is hostile.
const plain = fc.record({
  item_id: itemId,
  title: fc.constant("Plain"),
  tags: fc.constant([{ facet: "theme", label: "label 1" }]),
});
const items = fc.array(fc.oneof(plain, mutantsOf(item)), { maxLength: 4 });
const put = { door: "content", method: "PUT", path: "/api/content", key: "api" } as const;
const lines = (value: unknown): string =>
  (Array.isArray(value) ? value : [value]).map(jsonOf).join("\n");

/** Requests that write, read and remove items. */
export const contentCases: fc.Arbitrary<FuzzCase> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .oneof(
        { weight: 8, arbitrary: bodiesOf(mutantsOf(fc.record({ items }))) },
        { weight: 1, arbitrary: garbage },
      )
      .map((body) => withBody({ ...put, headers: { "content-type": "application/json" } }, body)),
  },
  {
    weight: 5,
    arbitrary: fc
      .oneof({ weight: 8, arbitrary: bodiesOf(items, lines) }, { weight: 1, arbitrary: garbage })
      .map((body) =>
        withBody({ ...put, headers: { "content-type": "application/x-ndjson" } }, body),
      ),
  },
  {
    weight: 3,
    arbitrary: urlText(itemId).map((id) => bare("content", "GET", `/api/content/${id}`)),
  },
  {
    weight: 3,
    arbitrary: urlText(itemId).map((id) => bare("content", "DELETE", `/api/content/${id}`)),
  },
  {
    weight: 4,
    arbitrary: queryOf(["query", "tag", "limit", "cursor"]).map((query) =>
      bare("content", "GET", `/api/content${query}`),
    ),
  },
);
