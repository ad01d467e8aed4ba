/**
 * Lets the event loop turn now and then: the embedded database answers within microtasks, so callers
 * that go from query to query would keep files, sockets, timers and signals waiting for as long as
 * there is work.
 *
 * @param mostMs how long the loop may stand still before somebody waits for its turn.
 * @returns asked before each piece of work; what it returns is to be awaited, undefined = go on.
 */
export function createLoopTurns(
  mostMs: number,
  now: () => number = () => performance.now(),
): () => Promise<void> | undefined {
  let turnedAt = 0;
  let isWatching = false;
  return () => {
    if (!isWatching) {
      isWatching = true;
      turnedAt = now();
      setImmediate(() => (isWatching = false));
      return undefined;
    }
    if (now() - turnedAt < mostMs) return undefined;
    return new Promise((resolve) => setImmediate(resolve));
  };
}
