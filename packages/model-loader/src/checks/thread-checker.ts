import type { Worker } from "node:worker_threads";

import { type Checker, checkFailed, createInlineChecker } from "./checker.ts";
import { openCheckWorker } from "./open-worker.ts";
import type { CheckAnswers, CheckTask, Span } from "./task.ts";
import type { CheckReply, CheckRequest } from "./worker-messages.ts";

const INLINE_BYTES = 1_048_576;

export interface ThreadCheckerOptions {
  /** Tasks on fewer bytes run on the calling thread, 1 MiB unless told. */
  inlineBelowBytes?: number;
  /** Starts the thread; the one of this package unless told. */
  startWorker?: () => Worker;
}

interface Waiting {
  resolve: (answer: CheckAnswers[CheckTask["what"]]) => void;
  reject: (error: Error) => void;
}

/**
 * Checks large files on one thread of its own, over shared memory, so that requests go on being
 * answered. The thread starts at the first large file, keeps no process alive while idle, and is
 * replaced when it dies. Memory that is not shared is checked on the calling thread.
 */
export function createThreadChecker(options: ThreadCheckerOptions = {}): Checker {
  const { inlineBelowBytes = INLINE_BYTES, startWorker = openCheckWorker } = options;
  const inline = createInlineChecker();
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let lastId = 0;
  let closed = false;

  const failAll = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const settle = (reply: CheckReply): void => {
    const task = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker?.unref();
    if ("failed" in reply) task?.reject(checkFailed(reply.failed));
    else task?.resolve(reply.answer);
  };
  const drop = (dead: Worker, why: string, cause?: unknown): void => {
    if (worker !== dead) return;
    worker = undefined;
    failAll(checkFailed(why, cause));
  };
  const running = (): Worker => {
    if (worker !== undefined) return worker;
    const started = startWorker();
    started.on("message", settle);
    started.on("error", (error) => drop(started, "its thread failed", error));
    started.on("exit", (code) => drop(started, `its thread ended with ${code}`));
    worker = started;
    return started;
  };
  const send = (buffer: SharedArrayBuffer, task: CheckTask) =>
    new Promise<CheckAnswers[CheckTask["what"]]>((resolve, reject) => {
      const to = running();
      const request: CheckRequest = { id: ++lastId, buffer, task };
      waiting.set(request.id, { resolve, reject });
      to.ref();
      to.postMessage(request, []);
    });

  return {
    run: async <T extends CheckTask>(buffer: ArrayBufferLike, task: T) => {
      if (closed) throw checkFailed("closed");
      const isSmall = bytesOf(task) < inlineBelowBytes;
      if (isSmall || !(buffer instanceof SharedArrayBuffer)) return inline.run(buffer, task);
      return (await send(buffer, task)) as CheckAnswers[T["what"]];
    },
    close: async () => {
      closed = true;
      const last = worker;
      worker = undefined;
      failAll(checkFailed("closed"));
      await last?.terminate();
    },
  };
}

function bytesOf(task: CheckTask): number {
  const spans: readonly Span[] =
    task.what === "digests"
      ? [task.file]
      : task.what === "hmac"
        ? [task.payload]
        : [
            ...task.floats,
            ...task.strings.flatMap(({ bytes, offsets }) => [bytes, offsets]),
            ...task.sparse.flatMap(({ indptr, items }) => [indptr, items]),
          ];
  return spans.reduce((sum, { bytes }) => sum + bytes, 0);
}
