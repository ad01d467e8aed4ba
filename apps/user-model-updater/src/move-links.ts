import type { EventBuffer, IdentityLink } from "@signalpath/ports";
import { LRUCache } from "lru-cache";

/** Moves of buffers that links ask for; finished ones are remembered. */
export interface Moves {
  /** True when the link's move was finished by this process, target refilled and all. */
  finished(link: IdentityLink): boolean;
  /** Moves the buffer behind a link. Repeatable. */
  move(link: IdentityLink): Promise<void>;
  /** The target holds everything: the move need not be repeated. */
  finish(link: IdentityLink): void;
  /** The store may have lost redirects. */
  forgetAll(): void;
}

export function createMoves(buffer: Pick<EventBuffer, "move">, max: number): Moves {
  const finished = new LRUCache<string, string>({ max });
  return {
    finished: (link) => finished.get(nameOf(link)) === link.to,
    move: (link) => buffer.move(link.from, link.to),
    finish: (link) => void finished.set(nameOf(link), link.to),
    forgetAll: () => finished.clear(),
  };
}

function nameOf({ projectId, from }: IdentityLink): string {
  return `${projectId}/${from}`;
}
