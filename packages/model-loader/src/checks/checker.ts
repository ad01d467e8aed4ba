import { type ModelFileCode, ModelFileError } from "@signalpath/contracts";

import { runTask } from "./run-task.ts";
import type { CheckAnswers, CheckTask } from "./task.ts";

/** Runs the checks that read every byte of an artefact. */
export interface Checker {
  /** Throws ModelFileError MODEL_CHECK_FAILED when the task could not be run. */
  run<T extends CheckTask>(buffer: ArrayBufferLike, task: T): Promise<CheckAnswers[T["what"]]>;
  /** Ends its thread, if it has one; tasks under way fail. Idempotent. */
  close(): Promise<void>;
}

/** Checks on the thread that calls: right for small files and for tools. */
export function createInlineChecker(): Checker {
  return {
    run: async <T extends CheckTask>(buffer: ArrayBufferLike, task: T) => {
      try {
        return runTask(buffer, task);
      } catch (error) {
        throw checkFailed(error instanceof Error ? error.message : String(error), error);
      }
    },
    close: async () => undefined,
  };
}

export function checkFailed(why: string, cause?: unknown): ModelFileError {
  const code: ModelFileCode = "MODEL_CHECK_FAILED";
  return new ModelFileError(code, `the checks could not be run: ${why}`, { cause });
}
