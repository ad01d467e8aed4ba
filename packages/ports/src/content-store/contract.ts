import { describe } from "vitest";

import { contentKeeping } from "./contract-keeping.ts";
import { contentFilters } from "./contract-filters.ts";
import { contentSearches } from "./contract-searches.ts";
import type { MakeContentStore, SkippedContentTests } from "./under-test.ts";

/**
 * Every promise of the ContentStore port. `make` answers an empty store for each test.
 *
 * @param skip what a keeper cannot promise, with the reason.
 */
export function contentStoreContract(make: MakeContentStore, skip: SkippedContentTests = {}): void {
  describe("keeping", () => {
    contentKeeping(make, skip);
  });
  describe("searches", () => {
    contentSearches(make, skip);
  });
  describe("filters", () => {
    contentFilters(make, skip);
  });
}
