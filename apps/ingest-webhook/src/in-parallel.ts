import { setImmediate as breathe } from "node:timers/promises";

/** So long one turn of the event loop may take, milliseconds: timers and other requests wait. */
const TURN_MS = 25;

/**
 * Runs `task` over all inputs, at most `width` at one time; answers in their order.
 * Embedded stores answer within the turn, so that nobody else would ever have one: it is given away
 * now and then. After a failure nothing new starts; it throws the first error when all that ran has ended.
 */
export async function inParallel<T, R>(
  inputs: readonly T[],
  width: number,
  task: (input: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let turnAt = performance.now();
  let failure: { error: unknown } | undefined;
  async function worker(): Promise<void> {
    while (next < inputs.length && failure === undefined) {
      const index = next++;
      try {
        results[index] = await task(inputs[index] as T);
      } catch (error) {
        failure ??= { error };
      }
      if (performance.now() - turnAt <= TURN_MS) continue;
      await breathe();
      turnAt = performance.now();
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, inputs.length) }, worker));
  if (failure !== undefined) throw failure.error;
  return results;
}
