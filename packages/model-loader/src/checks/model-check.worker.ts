// Entry of the checking thread: bundled beside each app as model-check.worker.mjs.
import { parentPort } from "node:worker_threads";

import { runTask } from "./run-task.ts";
import type { CheckReply, CheckRequest } from "./worker-messages.ts";

parentPort?.on("message", ({ id, buffer, task }: CheckRequest) => {
  parentPort?.postMessage(
    reply(id, () => runTask(buffer, task)),
    [],
  );
});

function reply(id: number, run: () => ReturnType<typeof runTask>): CheckReply {
  try {
    return { id, answer: run() };
  } catch (error) {
    return { id, failed: error instanceof Error ? error.message : String(error) };
  }
}
