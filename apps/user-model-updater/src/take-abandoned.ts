import type { Abandoned } from "@signalpath/ports";

import type { Context } from "./context.ts";
import { letterWithCare } from "./letter-with-care.ts";

export const ABANDONED_DURABLE = "user-model-updater-abandoned";

/**
 * Puts messages aside that the bus stopped to deliver, because no process ever finished them. The
 * same message again is the same letter. @throws UnavailableError: the batch comes again.
 */
export async function takeAbandoned(ctx: Context, batch: readonly Abandoned[]): Promise<void> {
  for (const { durable, delivery } of batch) {
    const detail = `delivered ${delivery.attempt} times to ${durable} and never finished`;
    const { letter, id } = await letterWithCare(ctx, delivery, detail);
    ctx.meters.deadLetters.inc({ reason: letter.code });
    ctx.logger.error(
      { durable, attempt: delivery.attempt, sequence: delivery.sequence, letter: id },
      "a message that no process finished was put aside",
    );
  }
}
