import { countingTests } from "./contract-counting.ts";
import { joinTests } from "./contract-joins.ts";
import { readingTests } from "./contract-reading.ts";
import type { MakeExperimentEvents } from "./under-test.ts";

/** Every promise of `ExperimentEvents`. @param numRuns histories that are told in another way. */
export function experimentEventsContract(make: MakeExperimentEvents, numRuns = 6): void {
  countingTests(make);
  joinTests(make, numRuns);
  readingTests(make);
}
