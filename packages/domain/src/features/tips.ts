import { compareEvents } from "../events/order.ts";
import type { Reaction, SignalEvent } from "../events/types.ts";

/** Length of the window of a profile feature, milliseconds (30 days). */
export const FEATURE_WINDOW_MS = 30 * 24 * 3_600_000;

/** One item as it was shown in one answer; where no request is named, one item. */
export interface Tip {
  /** First impression, milliseconds; undefined = not shown in the window. */
  servedMs: number | undefined;
  /** First reaction of any kind, milliseconds. */
  reactedMs: number | undefined;
  /** Largest dwell that a reaction named, milliseconds. */
  dwellMs: number | undefined;
  reactions: ReadonlySet<Reaction>;
  /** First `done`. */
  done: SignalEvent | undefined;
}

interface OpenTip extends Tip {
  reactions: Set<Reaction>;
}

/**
 * The tips of a person in (asOf - 30 d, asOf], each once however often its events were sent: a tip
 * is a pair of item and request id, or an item where no request id is given. An impression with a
 * request id and a reaction without one are therefore two tips. Bots leave none.
 *
 * @param events in any order; at equal times the smaller event id is first.
 * @param asOfMs milliseconds.
 */
export function tipsOf(events: readonly SignalEvent[], asOfMs: number): Tip[] {
  const tips = new Map<string, OpenTip>();
  for (const event of events) {
    if (event.kind !== "served" && event.kind !== "feedback") continue;
    if (event.item_id === undefined || event.is_bot === true) continue;
    const at = Date.parse(event.occurred_at);
    if (!(at > asOfMs - FEATURE_WINDOW_MS && at <= asOfMs)) continue;
    const tip = tipOf(tips, event.item_id, event.request_id);
    if (event.kind === "served") tip.servedMs = earlier(tip.servedMs, at);
    else addReaction(tip, event, at);
  }
  return [...tips.values()];
}

function tipOf(tips: Map<string, OpenTip>, itemId: string, requestId: string | undefined): OpenTip {
  // Ids hold no NUL: ingest takes it out.
  const key = requestId === undefined ? itemId : `${itemId}\0${requestId}`;
  let tip = tips.get(key);
  if (tip === undefined) {
    tip = {
      servedMs: undefined,
      reactedMs: undefined,
      dwellMs: undefined,
      reactions: new Set(),
      done: undefined,
    };
    tips.set(key, tip);
  }
  return tip;
}

function addReaction(tip: OpenTip, event: SignalEvent, at: number): void {
  tip.reactedMs = earlier(tip.reactedMs, at);
  if (event.dwell_ms !== undefined) tip.dwellMs = Math.max(tip.dwellMs ?? 0, event.dwell_ms);
  if (event.reaction === undefined) return;
  tip.reactions.add(event.reaction);
  if (event.reaction === "done" && isBefore(event, tip.done)) tip.done = event;
}

function earlier(known: number | undefined, at: number): number {
  return known === undefined ? at : Math.min(known, at);
}

function isBefore(event: SignalEvent, other: SignalEvent | undefined): boolean {
  if (other === undefined) return true;
  return compareEvents(event, other) < 0;
}
