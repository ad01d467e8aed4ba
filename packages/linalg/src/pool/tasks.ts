import { gramRows } from "../gram-rows.ts";
import { sgemmRows } from "../sgemm-rows.ts";
import { sweepFinish, sweepMirror, sweepPanel, sweepUpdate } from "../sweep-rows.ts";

/** What threads of this package do. A package with tasks of its own adds these to them. */
export const LINALG_TASKS = {
  gramRows,
  sgemmRows,
  sweepFinish,
  sweepMirror,
  sweepPanel,
  sweepUpdate,
};
