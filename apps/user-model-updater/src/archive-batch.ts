import type { SignalEvent } from "@signalpath/domain";
import {
  UnavailableError,
  type Archive,
  type IdentityLink,
  type PutResult,
} from "@signalpath/ports";

/** What became of one event: the archive's decision, or why it can never be stored. */
export type Archived = { result: PutResult; links: readonly IdentityLink[] } | { cause: unknown };

/**
 * Archives a batch in one transaction. When it fails on data, it is halved until the bad row stands
 * alone and its neighbours are stored.
 *
 * @returns one answer an event, in the given order.
 * @throws UnavailableError when nothing (or only a part) could be stored now.
 */
export async function archiveBatch(
  archive: Pick<Archive, "put">,
  events: readonly SignalEvent[],
  onCircles: (count: number) => void,
): Promise<Archived[]> {
  if (events.length === 0) return [];
  try {
    const { results, links, circles } = await archive.put(events);
    if (circles > 0) onCircles(circles);
    return results.map((result) => ({ result, links }));
  } catch (cause) {
    if (cause instanceof UnavailableError) throw cause;
    if (events.length === 1) return [{ cause }];
    const middle = events.length >> 1;
    const first = await archiveBatch(archive, events.slice(0, middle), onCircles);
    return [...first, ...(await archiveBatch(archive, events.slice(middle), onCircles))];
  }
}
