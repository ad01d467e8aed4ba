import fc from "fast-check";

import type { DoorName, FuzzCase } from "../case.ts";
import { contentCases } from "./content.ts";
import { deadLetterCases } from "./dead-letters.ts";
import { eraseCases } from "./erase.ts";
import { ingestCases } from "./ingest.ts";
import { recommendCases } from "./recommend.ts";

/** Some of another door's requests among a door's own: there must be something to find. */
function among(own: fc.Arbitrary<FuzzCase>, other: fc.Arbitrary<FuzzCase>): fc.Arbitrary<FuzzCase> {
  return fc.oneof({ weight: 5, arbitrary: own }, { weight: 1, arbitrary: other });
}

/** Requests of a run at one door. */
export const CASES: Readonly<Record<DoorName, fc.Arbitrary<FuzzCase>>> = {
  ingest: ingestCases,
  recommend: among(recommendCases, ingestCases),
  content: among(contentCases, recommendCases),
  "dead-letters": among(deadLetterCases, ingestCases),
  erase: among(eraseCases, ingestCases),
};
