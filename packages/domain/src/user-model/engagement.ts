import type { SignalsConfig } from "./config.ts";
import { foldReactions } from "./fold-reactions.ts";
import { dwellRatio, foldViews, type ViewFacts } from "./fold-views.ts";
import type { TimedEvent } from "./ordered-events.ts";

export type Stance = "positive" | "neutral" | "negative";

/** All touches of one item by one person, folded together. */
export interface Engagement {
  /** [-1, 1] */
  strength: number;
  stance: Stance;
  /** [0, 1] of the views; undefined when no view tells a time. */
  dwellRatio: number | undefined;
  views: ViewFacts;
  /** When the last snooze ends, milliseconds; undefined when a later visit or reaction undid it. */
  hiddenUntilMs: number | undefined;
}

interface Parts {
  dwell: number | undefined;
  completion: number | undefined;
  revisit: number | undefined;
  rating: number | undefined;
}

const PARTS = ["dwell", "completion", "revisit", "rating"] as const;

/** Weighted mean of the parts that are there; undefined when none is. */
function mean(parts: Parts, weights: SignalsConfig["parts"]): number | undefined {
  let sum = 0;
  let total = 0;
  for (const name of PARTS) {
    const value = parts[name];
    if (value === undefined) continue;
    sum += weights[name] * value;
    total += weights[name];
  }
  return total === 0 ? undefined : sum / total;
}

function hiddenUntil(touches: readonly TimedEvent[], snoozeMs: number): number | undefined {
  let until: number | undefined;
  for (const { event, ms } of touches) {
    if (event.reaction === "snooze") until = ms + snoozeMs;
    // The end of the view the snooze was given in does not undo it.
    else if (event.end_reason === undefined) until = undefined;
  }
  return until;
}

/**
 * Strength of one person's engagement with one item: .35 dwell + .35 completion + .10 revisit +
 * .20 rating over the parts that are known, then bounded by what was said outright.
 * Longer dwell never lowers it, nor does a positive reaction.
 *
 * @param touches `viewed` and `feedback` events of the item, canonical order.
 * @param readingMs reading time of the item, milliseconds; undefined without an estimate.
 */
export function foldEngagement(
  touches: readonly TimedEvent[],
  readingMs: number | undefined,
  config: SignalsConfig,
): Engagement {
  const views = foldViews(touches, config);
  const reactions = foldReactions(touches, config);
  const parts: Parts = {
    dwell:
      views.dwellMs === undefined
        ? undefined
        : dwellRatio(views.dwellMs, readingMs, config.reading),
    completion: views.completion,
    revisit: views.visits === 0 ? undefined : 1 - Math.exp(-views.visits / config.revisitScale),
    rating: reactions.rating,
  };
  let strength = mean(parts, config.parts);
  if (reactions.dwellMs !== undefined) {
    const told = dwellRatio(reactions.dwellMs, readingMs, config.reading);
    const dwell = Math.max(parts.dwell ?? 0, told);
    // Time told by a reaction may only speak for the item: "done" after a second is still done.
    strength = Math.max(strength ?? -1, mean({ ...parts, dwell }, config.parts) ?? -1);
  }
  if (abandonedEarly(views, reactions.dwellMs, readingMs, config)) {
    strength = Math.min(strength ?? 0, config.negativeTo);
  }
  if (reactions.floor !== undefined) strength = Math.max(strength ?? -1, reactions.floor);
  if (reactions.ceiling !== undefined) strength = Math.min(strength ?? 1, reactions.ceiling);
  const final = strength ?? 0;
  return {
    strength: final,
    stance: stanceOf(final, config),
    dwellRatio: parts.dwell,
    views,
    hiddenUntilMs: hiddenUntil(touches, config.snoozeMs),
  };
}

function stanceOf(strength: number, config: SignalsConfig): Stance {
  if (strength >= config.positiveFrom) return "positive";
  return strength <= config.negativeTo ? "negative" : "neutral";
}

function abandonedEarly(
  views: ViewFacts,
  reactionMs: number | undefined,
  readingMs: number | undefined,
  config: SignalsConfig,
): boolean {
  if (views.completion !== config.completion.abandon) return false;
  if (views.dwellMs === undefined || readingMs === undefined) return false;
  return Math.max(views.dwellMs, reactionMs ?? 0) < config.abandonedShare * readingMs;
}
