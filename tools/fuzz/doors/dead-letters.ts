import fc from "fast-check";

import { bodiesOf, garbage } from "../bytes.ts";
import { bare, withBody, type FuzzCase } from "../case.ts";
import { mutantsOf } from "../mutate.ts";
import { oddId } from "../values.ts";
import { queryOf } from "./query.ts";

const code = fc.oneof(
  fc.constantFrom(
    "NO_IDENTITY",
    "INVALID_EVENT",
    "MALFORMED_JSON",
    "UNSAFE_BODY",
    "TOO_DEEP",
    "NOT_AN_OBJECT",
  ),
  oddId,
);
const replay = fc.oneof(
  fc.record({ code, dry_run: fc.boolean() }, { requiredKeys: ["code"] }),
  fc.record(
    { ids: fc.array(oddId, { maxLength: 4 }), dry_run: fc.boolean() },
    { requiredKeys: ["ids"] },
  ),
);

/** Requests that list and replay what was put aside. */
export const deadLetterCases: fc.Arbitrary<FuzzCase> = fc.oneof(
  {
    weight: 3,
    arbitrary: queryOf(["app", "code", "limit", "cursor"]).map((query) =>
      bare("dead-letters", "GET", `/api/dead-letters${query}`),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .oneof(
        { weight: 8, arbitrary: bodiesOf(mutantsOf(replay)) },
        { weight: 1, arbitrary: garbage },
      )
      .map((body) =>
        withBody(
          {
            door: "dead-letters",
            method: "POST",
            path: "/api/dead-letters/replay",
            key: "api",
            headers: {},
          },
          body,
        ),
      ),
  },
);
