/** Requests that are being answered now. */
export interface LiveRequests {
  /** Runs the answer of one request. */
  during<T>(answer: () => T | Promise<T>): Promise<T>;
  /** Resolves in a moment in which no request is being answered. */
  quiet(): Promise<void>;
}

export function createLiveRequests(): LiveRequests {
  const waiting: (() => void)[] = [];
  let count = 0;
  const quiet = async (): Promise<void> => {
    if (count === 0) return;
    await new Promise<void>((resolve) => waiting.push(resolve));
    // Whoever was woken before may have let a request in again.
    await quiet();
  };
  return {
    async during(answer) {
      count += 1;
      try {
        return await answer();
      } finally {
        count -= 1;
        if (count === 0) for (const wake of waiting.splice(0)) wake();
      }
    },
    quiet,
  };
}
