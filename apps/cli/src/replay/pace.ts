import type { Io } from "../io.ts";

/** Sends a second a batch is split into when there is a rate, so that a slow replay still flows. */
const SENDS_A_SECOND = 5;

/** Resolves when the next event is due; at once without a rate. */
export function createPace(
  io: Pick<Io, "now" | "sleep">,
  rate: number | undefined,
): () => Promise<void> {
  if (rate === undefined) return async () => {};
  const startedAt = io.now();
  let sent = 0;
  return async () => {
    const due = startedAt + (sent++ * 1_000) / rate;
    const wait = due - io.now();
    if (wait > 0) await io.sleep(wait);
  };
}

/** Events a batch under a rate (events/s over all lanes). */
export function batchUnderRate(batch: number, rate: number | undefined, lanes: number): number {
  if (rate === undefined) return batch;
  return Math.min(batch, Math.max(1, Math.ceil(rate / (SENDS_A_SECOND * lanes))));
}
