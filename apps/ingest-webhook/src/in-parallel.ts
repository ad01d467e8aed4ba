/**
 * Runs `task` over all inputs, at most `width` at one time; answers in their order.
 * After a failure nothing new starts; it throws the first error when all that ran has ended.
 */
export async function inParallel<T, R>(
  inputs: readonly T[],
  width: number,
  task: (input: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failure: { error: unknown } | undefined;
  async function worker(): Promise<void> {
    while (next < inputs.length && failure === undefined) {
      const index = next++;
      try {
        results[index] = await task(inputs[index] as T);
      } catch (error) {
        failure ??= { error };
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, inputs.length) }, worker));
  if (failure !== undefined) throw failure.error;
  return results;
}
