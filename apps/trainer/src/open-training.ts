import type { TrainingRow } from "@signalpath/ports";

import { TrainingError } from "./errors.ts";
import type {
  Checkpoint,
  FromTraining,
  Outcome,
  Signing,
  ToTraining,
  TrainingJob,
} from "./worker/messages.ts";
import { openWorker } from "./worker/open-worker.ts";

export interface SignedFile {
  bytes: Uint8Array;
  /** Where it belongs below MEDIA_ROOT. */
  file: string;
  sha256: string;
}

/** A training on a thread of its own. Every call rejects once the thread has failed or ended. */
export interface Training {
  /** Resolves when the thread took them: rows never pile up. */
  rows(rows: readonly TrainingRow[], anonymous: boolean): Promise<void>;
  train(): Promise<Outcome>;
  sign(as: Signing): Promise<SignedFile>;
  /** Ends the thread and those it opened, whatever they do. */
  close(): Promise<void>;
}

export interface TrainingListener {
  onProgress: (stage: string, fraction: number, checkpoint: Checkpoint | undefined) => void;
  onLog: (level: "info" | "warn", message: string) => void;
}

type Reply = Extract<FromTraining, { what: "took" | "trained" | "signed" }>;

/** Starts a thread for one job. */
export function openTraining(job: TrainingJob, listener: TrainingListener): Training {
  const heapMb = Math.ceil(job.memoryLimitBytes / 2 ** 20);
  const worker = openWorker({
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  let waiting: { resolve(reply: Reply): void; reject(error: Error): void } | undefined;
  let dead: Error | undefined;
  const die = (error: Error): void => {
    dead ??= error;
    waiting?.reject(dead);
    waiting = undefined;
  };
  worker.on("message", (message: FromTraining) => {
    if (message.what === "progress") {
      listener.onProgress(message.stage, message.fraction, message.checkpoint);
    } else if (message.what === "log") {
      listener.onLog(message.level, message.message);
    } else if (message.what === "failed") {
      die(new TrainingError(message.code, message.message));
    } else {
      waiting?.resolve(message);
      waiting = undefined;
    }
  });
  worker.on("error", (cause: Error & { code?: string }) => {
    const tooMuch = cause.code === "ERR_WORKER_OUT_OF_MEMORY";
    die(
      new TrainingError(
        tooMuch ? "OUT_OF_MEMORY" : "WORKER_FAILED",
        tooMuch ? `the training needs more than ${heapMb} MiB of heap` : cause.message,
        { cause },
      ),
    );
  });
  worker.on("exit", (code) =>
    die(new TrainingError("WORKER_FAILED", `its thread ended (${code})`)),
  );

  function ask<What extends Reply["what"]>(
    message: ToTraining,
    what: What,
  ): Promise<Extract<Reply, { what: What }>> {
    return new Promise((resolve, reject) => {
      if (dead !== undefined) return reject(dead);
      waiting = {
        reject,
        resolve: (reply) =>
          reply.what === what
            ? resolve(reply as Extract<Reply, { what: What }>)
            : reject(new Error(`the training answered ${reply.what} to ${message.what}`)),
      };
      worker.postMessage(message, []);
    });
  }

  return {
    rows: async (rows, anonymous) => void (await ask({ what: "rows", rows, anonymous }, "took")),
    train: async () => (await ask({ what: "train" }, "trained")).outcome,
    async sign(as) {
      const { bytes, file, sha256 } = await ask({ what: "sign", as }, "signed");
      return { bytes, file, sha256 };
    },
    async close() {
      await worker.terminate();
      die(new TrainingError("WORKER_FAILED", "its thread was ended"));
    },
  };
}
