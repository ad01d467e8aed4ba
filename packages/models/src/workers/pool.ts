import { createTaskPool, openWorker, type TaskPool } from "@signalpath/linalg";

import { TASKS } from "./tasks.ts";

/** Threads that fit models: the tasks of the kinds and those of linalg. */
export type WorkerPool = TaskPool<typeof TASKS>;

/** `workers` threads, or none: then pieces run on this thread, with turns of the event loop between. */
export const createWorkerPool = (workers: number): WorkerPool =>
  createTaskPool(workers, TASKS, () => openWorker("models", import.meta.url));
