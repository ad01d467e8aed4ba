import { describe } from "vitest";

import { closing } from "./contract-close.ts";
import { consuming } from "./contract-consume.ts";
import { hearing } from "./contract-hear.ts";
import { publishing } from "./contract-publish.ts";
import { retrying } from "./contract-retry.ts";
import type { MakeBus } from "./under-test.ts";

/** Every promise of the Bus port that a healthy server can show. */
export function busContract(make: MakeBus): void {
  describe("publish", () => {
    publishing(make);
  });
  describe("consume", () => {
    consuming(make);
  });
  describe("redelivery", () => {
    retrying(make);
  });
  describe("hear", () => {
    hearing(make);
  });
  describe("close", () => {
    closing(make);
  });
}
