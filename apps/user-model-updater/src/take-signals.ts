import type { Delivery, Outcome } from "@signalpath/ports";

import { applyBatch } from "./apply-batch.ts";
import type { Context } from "./context.ts";
import { letterWithCare } from "./letter-with-care.ts";
import { messageOf } from "./put-aside.ts";

/** Answers one batch of `signals.>`. */
export async function takeSignals(ctx: Context, batch: readonly Delivery[]): Promise<Outcome[]> {
  return ctx.progress.track(ctx.now(), () => applyAll(ctx, batch));
}

/** Suspects go one by one after the others: whichever ends this process is then known. */
async function applyAll(ctx: Context, batch: readonly Delivery[]): Promise<Outcome[]> {
  const outcomes = Array.from<Outcome>({ length: batch.length });
  const calm: number[] = [];
  const suspects: number[] = [];
  for (const [index, delivery] of batch.entries()) {
    (isSuspect(ctx, delivery) ? suspects : calm).push(index);
  }
  const applied = await applyBatch(
    ctx,
    calm.map((index) => batch[index] as Delivery),
  );
  for (const [place, index] of calm.entries()) outcomes[index] = applied[place] as Outcome;
  for (const index of suspects) {
    outcomes[index] = await applySuspect(ctx, batch[index] as Delivery);
  }
  return outcomes;
}

/** Delivered again and again without an answer from this process: it may be what ended the others. */
function isSuspect(ctx: Context, delivery: Delivery): boolean {
  return delivery.attempt > ctx.options.suspectAfter && !ctx.progress.owes(delivery.sequence);
}

/**
 * Works on a suspect alone. The dead letter is written first and taken back afterwards: when it is
 * there already, the message was tried alone before and the process never came back.
 */
async function applySuspect(ctx: Context, delivery: Delivery): Promise<Outcome> {
  const detail = "the process ended while it worked on this message alone";
  try {
    const { letter, id, wasThere } = await letterWithCare(ctx, delivery, detail);
    if (wasThere) {
      ctx.meters.deadLetters.inc({ reason: letter.code });
      ctx.logger.error(
        { attempt: delivery.attempt, letter: id },
        "a message that ends the process was put aside",
      );
      return "ack";
    }
    const [outcome] = await applyBatch(ctx, [delivery]);
    await ctx.deadLetters.remove(letter.projectId, [id]);
    return outcome ?? "ack";
  } catch (error) {
    ctx.logger.warn({ detail: messageOf(error) }, "a suspect message waits");
    return ctx.outage.retry(delivery.attempt, error);
  }
}
