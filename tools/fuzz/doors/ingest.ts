import fc from "fast-check";

import { bodiesOf, garbage } from "../bytes.ts";
import { bare, withBody, type FuzzCase } from "../case.ts";
import { mutantsOf } from "../mutate.ts";
import { anything } from "../values.ts";
import { event } from "./events.ts";
import { urlText } from "./query.ts";

const list = fc.array(
  fc.oneof({ weight: 8, arbitrary: mutantsOf(event) }, { weight: 1, arbitrary: anything }),
  {
    maxLength: 6,
  },
);
const value = fc.oneof(
  { weight: 300, arbitrary: mutantsOf(event) },
  { weight: 150, arbitrary: list },
  { weight: 150, arbitrary: mutantsOf(fc.record({ batch: list, sentAt: anything })) },
  // The same event many times over, as a confused client sends it.
  {
    weight: 1,
    arbitrary: fc
      .tuple(event, fc.constantFrom(2, 50, 2_000))
      .map(([one, n]) => Array.from({ length: n }, () => one)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      Array.from({ length: 20_000 }, (_, n) => (n % 2 ? null : {})),
      { batch: null },
    ),
  },
  { weight: 20, arbitrary: anything },
);
const packed = fc.oneof(
  { weight: 12, arbitrary: bodiesOf(value) },
  { weight: 2, arbitrary: garbage },
);

const path = fc.oneof(
  { weight: 6, arbitrary: fc.constant("/api/ingest") },
  {
    weight: 1,
    arbitrary: urlText(fc.constantFrom("tenant", "a b", "..", "x")).map(
      (part) => `/api/ingest/${part}`,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "/api/ingest/",
      "/api/ingest?x=1",
      "/api/ingest//",
      "/api/ingest/%2e%2e/x",
    ),
  },
);
const said = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ "content-type": "application/json" }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, string>>(
      {},
      { "content-type": "application/xml" },
      { "user-agent": "RudderLabs" },
      { "content-type": "application/json; charset=utf-16" },
      { "content-length": "3" },
      { "content-length": "99999999999" },
      { "content-length": "-1" },
      { "content-length": "1e3" },
      { traceparent: "00-zz-zz-01", tracestate: "=,=," },
    ),
  },
);

/** Requests to ingest. */
export const ingestCases: fc.Arbitrary<FuzzCase> = fc.oneof(
  {
    weight: 40,
    arbitrary: fc
      .tuple(fc.constantFrom("POST", "POST", "POST", "PUT", "PATCH"), path, said, packed)
      .map(([method, where, headers, body]) =>
        withBody({ door: "ingest", method, path: where, key: "write", headers }, body),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("GET", "DELETE", "HEAD", "OPTIONS"), path)
      .map(([method, where]) => bare("ingest", method, where, "write")),
  },
);
