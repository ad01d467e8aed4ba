import { describe } from "vitest";

import { erasureTests } from "./contract-erasure.ts";
import { historyTests } from "./contract-history.ts";
import { linkTests } from "./contract-links.ts";
import { modelTests } from "./contract-model.ts";
import type { MakeArchive, Skip } from "./contract-parts.ts";
import { putTests } from "./contract-put.ts";
import { receiptTests } from "./contract-receipt.ts";

/** Every promise of `Archive`. `make` answers views of an empty archive. */
export function archiveContract(make: MakeArchive, skip: Skip = {}): void {
  describe("Archive", () => {
    putTests(make, skip);
    linkTests(make, skip);
    historyTests(make, skip);
    erasureTests(make, skip);
    receiptTests(make, skip);
    modelTests(make, skip);
  });
}
