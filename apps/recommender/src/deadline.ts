import { UnavailableError } from "@signalpath/ports";

/**
 * The answer of `work`, unless it takes longer than `ms`; a late answer is dropped.
 * @throws UnavailableError of `dependency` when it is late.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  ms: number,
  dependency: string,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new UnavailableError(dependency, `no answer in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
