import { unavailable } from "./connection.ts";

/** Lets a bounded number in; a bounded number waits in front of it. */
export interface Gate {
  /** Resolves with the function that lets the next one in. Throws UnavailableError when crowded. */
  enter(): Promise<() => void>;
}

export function createGate(inside: number, waiting: number): Gate {
  const queue: (() => void)[] = [];
  let entered = 0;
  let head = 0;

  function leave(): void {
    const next = queue[head];
    if (next === undefined) {
      entered--;
      return;
    }
    head++;
    // The served part is cut off now and then: shift() of a long list costs its length.
    if (head > 1_024) queue.splice(0, head);
    if (head > 1_024) head = 0;
    next();
  }

  return {
    async enter() {
      if (entered < inside) {
        entered++;
        return leave;
      }
      if (queue.length - head >= waiting)
        throw unavailable("too many messages wait to be published");
      await new Promise<void>((resolve) => queue.push(resolve));
      return leave;
    },
  };
}
