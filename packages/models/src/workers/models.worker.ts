import { parentPort } from "node:worker_threads";

import { ModelError, type ModelErrorCode } from "../errors.ts";
import { TASKS, type TaskName } from "./tasks.ts";

/** One piece of work: rows `from` (inclusive) to `to` of a task. */
export interface Piece {
  task: TaskName;
  args: unknown;
  from: number;
  to: number;
}

export type Answer = { result: unknown } | { failure: { message: string; code?: ModelErrorCode } };

parentPort?.on("message", ({ task, args, from, to }: Piece) => {
  try {
    const run = TASKS[task] as (args: unknown, from: number, to: number) => unknown;
    parentPort?.postMessage({ result: run(args, from, to) });
  } catch (error) {
    // Only what survives the way between threads; the class does not.
    const { message } = error as Error;
    parentPort?.postMessage({
      failure: { message, ...(error instanceof ModelError ? { code: error.code } : {}) },
    });
  }
});
