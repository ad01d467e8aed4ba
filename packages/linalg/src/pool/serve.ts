import { parentPort } from "node:worker_threads";

import { LinalgError } from "../errors.ts";
import type { Answer, Piece, Tasks } from "./messages.ts";

/** Makes this worker thread do pieces of these tasks for the pool that started it. */
export function serveTasks(tasks: Tasks): void {
  const answer = (message: Answer) => parentPort?.postMessage(message, []);
  parentPort?.on("message", ({ task, args, from, to }: Piece) => {
    try {
      answer({ result: tasks[task]!(args as never, from, to) });
    } catch (error) {
      // Only what survives the way between threads; the class does not.
      const { message } = error as Error;
      answer({
        failure: { message, ...(error instanceof LinalgError ? { code: error.code } : {}) },
      });
    }
  });
}
