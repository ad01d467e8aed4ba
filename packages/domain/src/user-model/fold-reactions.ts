import type { SignalEvent } from "../events/types.ts";
import type { SignalsConfig } from "./config.ts";
import type { TimedEvent } from "./ordered-events.ts";

/** What the reactions to one item leave standing. */
export interface ReactionFacts {
  /** Least strength, undefined without a positive reaction that still stands. */
  floor: number | undefined;
  /** Greatest strength, undefined without a negative reaction that still stands. */
  ceiling: number | undefined;
  /** Newest rating on [-1, 1]. */
  rating: number | undefined;
  /** Longest time a rating or positive reaction tells of, milliseconds. */
  dwellMs: number | undefined;
}

/** 1..5 onto [-1, 1]. */
export function ratingValue(rating: number): number {
  return (rating - 3) / 2;
}

function higher(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}

function lower(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/**
 * Folds the reactions among the events of one item, oldest first. The later opinion stands: a
 * positive reaction lifts the ceilings before it, a negative one removes the floors before it, an
 * unlike removes likes. A click is no opinion: it lifts no ceiling. A rating is a part of the
 * strength, and clear of neutral also a floor or ceiling of its own value until the next rating
 * or an opposite reaction.
 */
export function foldReactions(
  touches: readonly TimedEvent[],
  config: SignalsConfig,
): ReactionFacts {
  let clicked: number | undefined;
  let liked: number | undefined;
  let floor: number | undefined;
  let ceiling: number | undefined;
  let rating: number | undefined;
  let ratingBound: number | undefined;
  let dwellMs: number | undefined;
  for (const { event } of touches) {
    if (event.kind !== "feedback") continue;
    const { reaction } = event;
    const up = reaction === undefined ? undefined : config.floors[reaction];
    const down = reaction === undefined ? undefined : config.ceilings[reaction];
    if (up !== undefined || event.rating !== undefined) dwellMs = higher(dwellMs, event.dwell_ms);
    let opinion = down ?? (reaction === "click" ? 0 : (up ?? 0));
    if (event.rating !== undefined) {
      rating = ratingValue(event.rating);
      ratingBound =
        rating >= config.positiveFrom || rating <= config.negativeTo ? rating : undefined;
      if (opinion === 0) opinion = ratingBound ?? 0;
    }
    if (opinion > 0) ceiling = undefined;
    if (opinion < 0) clicked = liked = floor = undefined;
    if (opinion * (ratingBound ?? 0) < 0) ratingBound = undefined;
    if (reaction === "unlike") liked = undefined;
    else if (reaction === "click") clicked = up;
    else if (reaction === "like") liked = up;
    else floor = higher(floor, up);
    ceiling = lower(ceiling, down);
  }
  const above = ratingBound !== undefined && ratingBound > 0 ? ratingBound : undefined;
  const below = ratingBound !== undefined && ratingBound < 0 ? ratingBound : undefined;
  return {
    floor: higher(higher(clicked, liked), higher(floor, above)),
    ceiling: lower(ceiling, below),
    rating,
    dwellMs,
  };
}

/** True when the event alone speaks for its item. */
export function isPositiveEvent(event: SignalEvent, config: SignalsConfig): boolean {
  if (event.kind === "viewed") {
    return event.end_reason !== undefined && config.completedBy.includes(event.end_reason);
  }
  if (event.kind !== "feedback") return false;
  if (event.reaction !== undefined && config.floors[event.reaction] !== undefined) return true;
  return event.rating !== undefined && ratingValue(event.rating) >= config.positiveFrom;
}
