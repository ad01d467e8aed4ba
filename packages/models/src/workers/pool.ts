import type { Worker } from "node:worker_threads";
import { setImmediate as nextTurn } from "node:timers/promises";

import { ModelError, type ModelErrorCode } from "../errors.ts";
import type { Answer, Piece } from "./models.worker.ts";
import { openWorker } from "./open-worker.ts";
import { TASKS, type TaskArgs, type TaskName, type TaskResult } from "./tasks.ts";

export interface RunOptions {
  /** Rows a piece has at most. */
  chunk: number;
  signal?: AbortSignal | undefined;
  /** Share of the rows that is done, 0..1. */
  onFraction?: ((fraction: number) => void) | undefined;
}

export interface WorkerPool {
  /**
   * Runs a task over `count` rows in pieces; results in the order of rows. Rejects with the signal's
   * reason, or with what a piece threw, once no piece is running any more.
   */
  run<Name extends TaskName>(
    task: Name,
    args: TaskArgs<Name>,
    count: number,
    options: RunOptions,
  ): Promise<TaskResult<Name>[]>;
  /** Ends the threads. */
  close(): Promise<void>;
}

type RunPiece = (piece: Piece) => Promise<unknown>;

/**
 * `workers` threads, or none: then pieces run on this thread with a turn of the event loop between
 * them. Arguments must lie in shared memory where they are large.
 */
export function createWorkerPool(workers: number): WorkerPool {
  const threads = Array.from({ length: workers }, () => openWorker());
  const lanes: RunPiece[] = workers === 0 ? [runHere] : threads.map(laneOf);

  return {
    async run(task, args, count, { chunk, signal, onFraction }) {
      signal?.throwIfAborted();
      const results: unknown[] = [];
      let next = 0;
      let done = 0;
      let failed = false;
      const work = async (run: RunPiece) => {
        while (next < count && !failed && !isAborted(signal)) {
          const from = next;
          const to = Math.min(from + chunk, count);
          next = to;
          try {
            results[Math.floor(from / chunk)] = await run({ task, args, from, to });
          } catch (error) {
            failed = true;
            throw error;
          }
          done += to - from;
          onFraction?.(done / count);
        }
      };
      const ends = await Promise.allSettled(lanes.map(work));
      const broken = ends.find((end) => end.status === "rejected");
      if (broken !== undefined) throw broken.reason;
      signal?.throwIfAborted();
      return results as TaskResult<typeof task>[];
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

async function runHere({ task, args, from, to }: Piece): Promise<unknown> {
  await nextTurn();
  return (TASKS[task] as (args: unknown, from: number, to: number) => unknown)(args, from, to);
}

/** One piece at a time on one thread; a thread that dies fails its piece and all later ones. */
function laneOf(thread: Worker): RunPiece {
  let settle: { resolve(value: unknown): void; reject(error: unknown): void } | undefined;
  let dead: Error | undefined;
  thread.on("message", (answer: Answer) => {
    if ("result" in answer) settle?.resolve(answer.result);
    else settle?.reject(errorOf(answer.failure));
  });
  const die = (error: Error) => {
    dead ??= error;
    settle?.reject(dead);
  };
  thread.on("error", die);
  thread.on("exit", (code) => die(new Error(`a worker thread ended (${code})`)));
  return (piece) =>
    new Promise((resolve, reject) => {
      if (dead !== undefined) {
        reject(dead);
        return;
      }
      settle = { resolve, reject };
      thread.postMessage(piece, []);
    });
}

function errorOf({ message, code }: { message: string; code?: ModelErrorCode }): Error {
  return code === undefined ? new Error(message) : new ModelError(code, message);
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
