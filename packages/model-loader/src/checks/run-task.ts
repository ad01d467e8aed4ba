import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import { findBadNumber } from "./find-bad-number.ts";
import { findBadSparse } from "./find-bad-sparse.ts";
import { findBadString } from "./find-bad-string.ts";
import type { CheckAnswers, CheckTask, Span } from "./task.ts";

/** Runs a task here and now: on the thread that calls. */
export function runTask<T extends CheckTask>(
  buffer: ArrayBufferLike,
  task: T,
): CheckAnswers[T["what"]] {
  return answer(buffer, task) as CheckAnswers[T["what"]];
}

function answer(buffer: ArrayBufferLike, task: CheckTask): CheckAnswers[CheckTask["what"]] {
  const part = ({ at, bytes }: Span): Uint8Array => new Uint8Array(buffer, at, bytes);
  switch (task.what) {
    case "digests": {
      const sha256 = (span: Span) =>
        new Uint8Array(createHash("sha256").update(part(span)).digest());
      return { file: sha256(task.file), payload: sha256(task.payload) };
    }
    case "hmac": {
      const signature = part(task.signature);
      return task.secrets.some((secret) =>
        timingSafeEqual(
          createHmac("sha256", secret).update(part(task.payload)).digest(),
          signature,
        ),
      );
    }
    case "numbers":
      return (
        findBadNumber(buffer, task.floats) ??
        findBadString(buffer, task.strings) ??
        findBadSparse(buffer, task.sparse)
      );
  }
}
