import { ServiceError, type ItemActivity } from "@signalpath/contracts";
import type { Clock, ContentStore, EventClass } from "@signalpath/ports";
import { WINDOW_HOURS, type ItemStatsFeed } from "@signalpath/service-kit";

const HOUR_MS = 3_600_000;

type Counts = Record<EventClass, number>;
const none = (): Counts => ({ served: 0, view: 0, positive: 0, negative: 0 });

/**
 * What was counted of an item by hour over the last 7 days, as trends read it (impressions
 * 10 s old at most), and the items that the same people like.
 * @throws ServiceError ITEM_NOT_FOUND; STORE_UNAVAILABLE while no counts could be read yet.
 */
export function createItemActivity(deps: {
  content: Pick<ContentStore, "get">;
  stats: Pick<ItemStatsFeed, "snapshot">;
  now: Clock;
}) {
  return async (projectId: number, itemId: string): Promise<ItemActivity> => {
    const [item] = await deps.content.get(projectId, [itemId]);
    if (item === undefined) throw new ServiceError("ITEM_NOT_FOUND", "no such item");
    const snapshot = deps.stats.snapshot(projectId);
    if (snapshot === undefined) {
      throw new ServiceError("STORE_UNAVAILABLE", "item statistics were not read yet");
    }
    const last = Math.floor(deps.now() / HOUR_MS);
    const first = last - WINDOW_HOURS + 1;
    const hours = Array.from({ length: WINDOW_HOURS }, (_, at) => ({
      at: new Date((first + at) * HOUR_MS).toISOString(),
      ...none(),
    }));
    const totals = none();
    for (const { hour, event_class, count } of snapshot.hours(itemId)) {
      const row = hours[hour - first];
      if (row === undefined) continue;
      row[event_class] += count;
      totals[event_class] += count;
    }
    const near = snapshot.neighbours(itemId);
    const found = await deps.content.get(
      projectId,
      near.map(({ item_id }) => item_id),
    );
    const titles = new Map(found.map(({ item_id, title }) => [item_id, title]));
    return {
      item_id: itemId,
      days: WINDOW_HOURS / 24,
      totals,
      hours,
      neighbours: near.map(({ item_id, similarity }) => ({
        item_id,
        title: titles.get(item_id) ?? null,
        similarity,
      })),
      neighbours_computed_at: snapshot.neighboursComputedAt ?? null,
    };
  };
}
