import { alsRows, factorGramRows } from "../kinds/ials/solve-rows.ts";
import { columnMaxima, quantiseRows, sparseRows } from "../kinds/ease/take-rows.ts";
import { dualRows, smoothRows } from "../kinds/ease/dual-rows.ts";
import { gramRows } from "../linalg/gram.ts";
import { sweepFinish, sweepMirror, sweepPanel, sweepUpdate } from "../linalg/sweep-rows.ts";
import { cosineRows } from "../kinds/item-knn/cosine-rows.ts";
import { walkRows } from "../kinds/rp3beta/walk-rows.ts";

/**
 * What worker threads can do: each task fills or returns rows `from` to `to` and reads nothing that
 * the same task writes, so the result is the same bits however rows are shared out.
 */
export const TASKS = {
  alsRows,
  columnMaxima,
  cosineRows,
  dualRows,
  factorGramRows,
  gramRows,
  quantiseRows,
  smoothRows,
  sparseRows,
  sweepFinish,
  sweepMirror,
  sweepPanel,
  sweepUpdate,
  walkRows,
};
export type TaskName = keyof typeof TASKS;
export type TaskArgs<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>[0];
export type TaskResult<Name extends TaskName> = ReturnType<(typeof TASKS)[Name]>;
