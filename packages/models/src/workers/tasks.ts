import { LINALG_TASKS, ridgeRows } from "@signalpath/linalg";

import { columnMaxima, quantiseRows, sparseRows } from "../kinds/ease/take-rows.ts";
import { dualRows, smoothRows } from "../kinds/ease/dual-rows.ts";
import { factorGramRows } from "../kinds/ials/factor-gram-rows.ts";
import { cosineRows } from "../kinds/item-knn/cosine-rows.ts";
import { walkRows } from "../kinds/rp3beta/walk-rows.ts";

/**
 * What worker threads can do: each task fills or returns rows `from` to `to` and reads nothing that
 * the same task writes, so the result is the same bits however rows are shared out.
 */
export const TASKS = {
  ...LINALG_TASKS,
  columnMaxima,
  cosineRows,
  dualRows,
  factorGramRows,
  quantiseRows,
  ridgeRows,
  smoothRows,
  sparseRows,
  walkRows,
};
