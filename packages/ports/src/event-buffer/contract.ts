import { describe } from "vitest";

import { joinLaws } from "./contract-join.ts";
import { losses } from "./contract-loss.ts";
import { moves } from "./contract-move.ts";
import type { MakeUserState } from "./under-test.ts";

/** Every promise of the EventBuffer port. `make` answers an empty store for each test. */
export function eventBufferContract(make: MakeUserState): void {
  describe("join", () => {
    joinLaws(make);
  });
  describe("loss, expiry and erasure", () => {
    losses(make);
  });
  describe("move", () => {
    moves(make);
  });
}
