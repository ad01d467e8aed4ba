import type { SignalsConfig } from "./config.ts";
import type { Engagement } from "./engagement.ts";
import { isPositiveEvent } from "./fold-reactions.ts";
import type { TimedEvent } from "./ordered-events.ts";
import { storedWeight } from "./tag-weights.ts";
import type { Behaviour } from "./types.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DAY_CHARS = 10;

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : storedWeight(part / whole);
}

/** Distinct items touched per session, or per UTC day where an event names no session. */
function depthOf(touches: readonly TimedEvent[]): number {
  const sessions = new Map<string, Set<string>>();
  let key: string | undefined;
  let items = new Set<string>();
  let pairs = 0;
  for (const { event } of touches) {
    const { session_id: session, item_id: item = "" } = event;
    const next = session === undefined ? event.occurred_at.slice(0, DAY_CHARS) : `s:${session}`;
    // Neighbours mostly share their session: look it up once a run.
    if (next !== key) {
      key = next;
      items = sessions.get(key) ?? new Set();
      sessions.set(key, items);
    }
    const before = items.size;
    pairs += items.add(item).size - before;
  }
  return share(pairs, sessions.size);
}

/**
 * How a person uses what they are shown.
 *
 * @param engagements one an item, in canonical order of the items.
 * @param touches the events behind them.
 */
export function behaviorOf(
  engagements: readonly Engagement[],
  touches: readonly TimedEvent[],
): Behaviour {
  const viewed = engagements.filter(({ views }) => views.visits > 0);
  const timed = viewed.flatMap(({ dwellRatio }) => dwellRatio ?? []);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const ended = sum(viewed.map(({ views }) => views.ended));
  return {
    n_views: sum(viewed.map(({ views }) => views.visits)),
    n_positive: engagements.filter(({ stance }) => stance === "positive").length,
    n_negative: engagements.filter(({ stance }) => stance === "negative").length,
    avg_dwell_ratio: share(sum(timed), timed.length),
    completion_rate: share(sum(viewed.map(({ views }) => views.completed)), ended),
    revisit_rate: share(viewed.filter(({ views }) => views.visits > 1).length, viewed.length),
    depth: depthOf(touches),
  };
}

/** Positive events by hour of day: of the sender's own clock where its offset is known, else UTC. */
export function positiveHours(ordered: readonly TimedEvent[], config: SignalsConfig): number[] {
  const hours = Array.from({ length: 24 }, () => 0);
  for (const { event, ms } of ordered) {
    if (!isPositiveEvent(event, config)) continue;
    const local = Math.floor((ms + (event.utc_offset_min ?? 0) * MINUTE_MS) / HOUR_MS);
    const hour = ((local % 24) + 24) % 24;
    hours[hour] = (hours[hour] ?? 0) + 1;
  }
  return hours;
}
