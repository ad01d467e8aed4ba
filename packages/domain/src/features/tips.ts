import { compareEvents } from "../events/order.ts";
import type { Reaction, SignalEvent } from "../events/types.ts";

/** Length of the window of a profile feature, milliseconds (30 days). */
export const FEATURE_WINDOW_MS = 30 * 24 * 3_600_000;

/** One item as it was shown in one answer; where no request is named, one item. */
export interface Tip {
  /** Time of the first impression; undefined = not shown in the window. */
  servedAt: string | undefined;
  /** Time of the first reaction of any kind. */
  reactedAt: string | undefined;
  /** Largest dwell that a reaction named, milliseconds. */
  dwellMs: number | undefined;
  /** Each kind of reaction once. */
  reactions: readonly Reaction[];
  /** First `done`. */
  done: SignalEvent | undefined;
}

interface OpenTip extends Tip {
  reactions: Reaction[];
}

const NONE: Reaction[] = [];

/**
 * The tips of a person in (asOf - 30 d, asOf], each once however often its events were sent: a tip
 * is a pair of item and request id, or an item where no request id is given. An impression with a
 * request id and a reaction without one are therefore two tips. Bots leave none.
 *
 * @param events in any order; at equal times the smaller event id is first.
 * @param asOfMs milliseconds.
 */
export function tipsOf(events: readonly SignalEvent[], asOfMs: number): Tip[] {
  // Canonical times: text order is time order, and nothing needs parsing.
  const after = new Date(asOfMs - FEATURE_WINDOW_MS).toISOString();
  const until = new Date(asOfMs).toISOString();
  const tips: OpenTip[] = [];
  const byItem = new Map<string, Map<string | undefined, OpenTip>>();
  for (const event of events) {
    const { kind, item_id: itemId, occurred_at: at } = event;
    if (kind !== "served" && kind !== "feedback") continue;
    if (itemId === undefined || event.is_bot === true || at <= after || at > until) continue;
    let byRequest = byItem.get(itemId);
    if (byRequest === undefined) byItem.set(itemId, (byRequest = new Map()));
    let tip = byRequest.get(event.request_id);
    if (tip === undefined) {
      tip = newTip();
      tips.push(tip);
      byRequest.set(event.request_id, tip);
    }
    if (kind === "feedback") addReaction(tip, event);
    else if (tip.servedAt === undefined || at < tip.servedAt) tip.servedAt = at;
  }
  return tips;
}

function newTip(): OpenTip {
  return {
    servedAt: undefined,
    reactedAt: undefined,
    dwellMs: undefined,
    reactions: NONE,
    done: undefined,
  };
}

function addReaction(tip: OpenTip, event: SignalEvent): void {
  const { occurred_at: at, dwell_ms: dwell, reaction } = event;
  if (tip.reactedAt === undefined || at < tip.reactedAt) tip.reactedAt = at;
  if (dwell !== undefined) tip.dwellMs = Math.max(tip.dwellMs ?? 0, dwell);
  if (reaction === undefined) return;
  if (!tip.reactions.includes(reaction)) tip.reactions = [...tip.reactions, reaction];
  if (reaction === "done" && (tip.done === undefined || compareEvents(event, tip.done) < 0)) {
    tip.done = event;
  }
}
