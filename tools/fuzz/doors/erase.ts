import fc from "fast-check";

import { bare, type FuzzCase } from "../case.ts";
import { personId } from "../values.ts";
import { urlText } from "./query.ts";

/** Erasures of people with all kinds of ids. */
export const eraseCases: fc.Arbitrary<FuzzCase> = fc
  .tuple(
    urlText(personId),
    // An administrator may name another project: none that exists, or this would be an erasure there.
    fc.constantFrom(
      "",
      "",
      "",
      "?project=0",
      "?project=-1",
      "?project=x",
      "?project=99999",
      `?project=${"9".repeat(400)}`,
    ),
    fc.constantFrom<FuzzCase["key"]>("admin", "admin", "admin", "api"),
  )
  .map(([id, query, key]) => bare("erase", "DELETE", `/api/users/${id}${query}`, key));
