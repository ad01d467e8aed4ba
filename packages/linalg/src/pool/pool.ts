import type { Worker } from "node:worker_threads";
import { setImmediate as nextTurn } from "node:timers/promises";

import { LinalgError, type LinalgErrorCode } from "../errors.ts";
import type { Answer, Piece, Task, Tasks } from "./messages.ts";
import { openWorker } from "./open-worker.ts";
import { LINALG_TASKS } from "./tasks.ts";

export interface RunOptions {
  /** Rows a piece has at most. */
  chunk: number;
  signal?: AbortSignal | undefined;
  /** Share of the rows that is done, 0..1. */
  onFraction?: ((fraction: number) => void) | undefined;
}

/** Threads that do pieces of the tasks in `All`. */
export interface TaskPool<All extends Tasks> {
  /**
   * Runs a task over `count` rows in pieces; results in the order of rows. Rejects with the signal's
   * reason, or with what a piece threw, once no piece is running any more.
   */
  run<Name extends keyof All & string>(
    task: Name,
    args: Parameters<All[Name]>[0],
    count: number,
    options: RunOptions,
  ): Promise<ReturnType<All[Name]>[]>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** What the functions of this package need of a pool. */
export type LinalgPool = TaskPool<typeof LINALG_TASKS>;

type RunPiece = (piece: Piece) => Promise<unknown>;

/**
 * `workers` threads, or none: then pieces run on this thread with a turn of the event loop between
 * them. With threads, arrays of arguments must lie in shared memory (`sharedF32` and its like).
 */
export const createLinalgPool = (workers: number): LinalgPool =>
  createTaskPool(workers, LINALG_TASKS, () => openWorker("linalg", import.meta.url));

/** The same for a package with tasks and a worker file of its own. */
export function createTaskPool<All extends Tasks>(
  workers: number,
  tasks: All,
  open: () => Worker,
): TaskPool<All> {
  const threads = Array.from({ length: workers }, open);
  const lanes: RunPiece[] = workers === 0 ? [runHere(tasks)] : threads.map(laneOf);

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
      return results as ReturnType<All[typeof task]>[];
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

function runHere(tasks: Tasks): RunPiece {
  return async ({ task, args, from, to }) => {
    await nextTurn();
    return (tasks[task] as Task)(args as never, from, to);
  };
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

function errorOf({ message, code }: { message: string; code?: LinalgErrorCode }): Error {
  return code === undefined ? new Error(message) : new LinalgError(code, message);
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
