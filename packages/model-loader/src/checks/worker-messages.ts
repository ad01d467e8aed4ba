import type { CheckAnswers, CheckTask } from "./task.ts";

export interface CheckRequest {
  id: number;
  buffer: SharedArrayBuffer;
  task: CheckTask;
}

export type CheckReply =
  | { id: number; answer: CheckAnswers[CheckTask["what"]] }
  /** The task threw: our own trouble, not the artefact's. */
  | { id: number; failed: string };
