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

const answer = (message: Answer) => parentPort?.postMessage(message, []);

parentPort?.on("message", ({ task, args, from, to }: Piece) => {
  try {
    const run = TASKS[task] as (args: unknown, from: number, to: number) => unknown;
    answer({ result: run(args, from, to) });
  } catch (error) {
    // Only what survives the way between threads; the class does not.
    const { message } = error as Error;
    answer({
      failure: { message, ...(error instanceof ModelError ? { code: error.code } : {}) },
    });
  }
});
