import type { historyQuery, historyResponse } from "@signalpath/contracts";
import { compareEvents, userKey, type NameSpace, type SignalEvent } from "@signalpath/domain";
import type { Archive, EventSource } from "@signalpath/ports";
import { sha256 } from "@signalpath/service-kit";
import type { z } from "zod";

import { decodeHistoryCursor, encodeHistoryCursor, type HistoryCursor } from "./history-cursor.ts";
import { readEvents } from "./read-events.ts";

export type HistoryResponse = z.output<typeof historyResponse>;
type Query = z.output<typeof historyQuery>;

export interface HistoryDeps {
  events: Pick<EventSource, "read">;
  archive: Pick<Archive, "resolve" | "eventsOf"> | undefined;
}

const SPACES: readonly NameSpace[] = ["user", "anonymous"];

/**
 * A person's events, newest first, page by page: from the archive, else from the buffer. Somebody
 * unknown has none, which is no error.
 * @throws ServiceError VALIDATION_FAILED for a foreign cursor; UnavailableError.
 */
export function createHistory({ events, archive }: HistoryDeps) {
  async function newestFirst(
    projectId: number,
    userId: string,
    space: NameSpace,
    limit: number,
    before: HistoryCursor | undefined,
  ): Promise<SignalEvent[]> {
    const key = userKey(sha256, projectId, space, userId);
    if (archive !== undefined) {
      const owner = await archive.resolve(projectId, key);
      const from = before && { occurred_at: before.occurred_at, event_id: before.event_id };
      return archive.eventsOf(projectId, owner, { limit, ...(from ? { before: from } : {}) });
    }
    const all = (await readEvents(events, key)).toReversed();
    const older = before ? all.filter((event) => compareEvents(event, before) < 0) : all;
    return older.slice(0, limit);
  }

  return async (projectId: number, query: Query): Promise<HistoryResponse> => {
    const before = query.cursor === undefined ? undefined : decodeHistoryCursor(query.cursor);
    for (const space of before === undefined ? SPACES : [before.space]) {
      const found = await newestFirst(projectId, query.user_id, space, query.limit + 1, before);
      if (found.length === 0) continue;
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      const next =
        last !== undefined && found.length > query.limit
          ? encodeHistoryCursor({ space, occurred_at: last.occurred_at, event_id: last.event_id })
          : null;
      return { events: page.map(shown), next };
    }
    return { events: [], next: null };
  };
}

function shown(event: SignalEvent): HistoryResponse["events"][number] {
  const { event_id, kind, occurred_at } = event;
  const { item_id, reaction, dwell_ms, end_reason, rating, request_id } = event;
  return {
    event_id,
    kind,
    item_id,
    occurred_at,
    reaction,
    dwell_ms,
    end_reason,
    rating,
    request_id,
  };
}
