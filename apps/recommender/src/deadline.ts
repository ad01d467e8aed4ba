import { UnavailableError } from "@signalpath/ports";

/** Time for an answer that already lies in the socket, milliseconds. */
const GRACE_MS = 10;

/**
 * The answer of `work`, unless it takes longer than `ms`; a late answer is dropped. A timer that
 * fires late, because this process was busy, says nothing about the other side: answers that came
 * meanwhile are read before the verdict.
 * @throws UnavailableError of `dependency` when it is late.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  ms: number,
  dependency: string,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      timer = setTimeout(() => {
        reject(new UnavailableError(dependency, `no answer in ${ms} ms`));
      }, GRACE_MS);
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
