import type { EndReason, Reaction } from "../events/types.ts";
import { SIGNALS_VERSION } from "./types.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Every number the user model depends on. Strengths and part values lie in [-1, 1]. */
export interface SignalsConfig {
  /** Raised with every change below that changes a model. */
  version: number;
  reading: {
    wordsPerSecond: number;
    /** Seconds a picture adds. */
    imageSeconds: number;
    /** Dwell counts up to this multiple of the reading time. */
    dwellCap: number;
  };
  /** Value of the completion part by how the view ended. */
  completion: Record<EndReason, number>;
  /** End reasons that count as a completed view. */
  completedBy: readonly EndReason[];
  /** Visits after which the revisit part stands at 1 - 1/e. */
  revisitScale: number;
  /** Weights of the parts of a view; those of absent parts are shared out. */
  parts: { dwell: number; completion: number; revisit: number; rating: number };
  /** Least strength after this reaction. */
  floors: Partial<Record<Reaction, number>>;
  /** Greatest strength after this reaction. */
  ceilings: Partial<Record<Reaction, number>>;
  /** Positive from this strength on. */
  positiveFrom: number;
  /** Negative from this strength down. */
  negativeTo: number;
  /** A view abandoned below this share of the reading time is negative. */
  abandonedShare: number;
  /** Weight against an item that was shown in a list and never touched. */
  softNegative: number;
  /** How long a snoozed item stays hidden, milliseconds. */
  snoozeMs: number;
  /** Rank decay `floor + (1 - floor) 2^(-rank / halfLife)`; half-life in distinct liked items. */
  rankDecay: { halfLife: number; floor: number };
  /** Time decay, half-lives in milliseconds. */
  positiveHalfLifeMs: number;
  negativeHalfLifeMs: number;
  /** Mass a trait or survey answer gives a tag, in liked items of strength 1 touched just now. */
  seedMass: number;
  interests: {
    /** Heaviest liked items looked at. */
    pool: number;
    max: number;
    /** Cosine from which an item belongs to an interest. */
    similarity: number;
    /** Least share of the pool's weight an interest stands for. */
    minShare: number;
  };
  /** Greatest numbers of entries, and of characters for `traitText`. */
  caps: {
    positives: number;
    negatives: number;
    tags: number;
    recent: number;
    hidden: number;
    traits: number;
    traitText: number;
    seedTexts: number;
  };
}

/**
 * The numbers in force. Sources: rank half-life and floor gained most on the by-time split of
 * ml-latest-small; the rest are starting points that the offline evaluation re-fits.
 */
export const SIGNALS_CONFIG: SignalsConfig = {
  version: SIGNALS_VERSION,
  reading: { wordsPerSecond: 3.3, imageSeconds: 8, dwellCap: 1.5 },
  completion: { next: 1, link: 0.6, close: 0, abandon: -0.5 },
  completedBy: ["next", "link"],
  revisitScale: 2,
  parts: { dwell: 0.35, completion: 0.35, revisit: 0.1, rating: 0.2 },
  floors: { click: 0.3, like: 0.6, done: 0.8, bookmark: 0.8, share: 1, comment: 1, purchase: 1 },
  ceilings: { dismiss: -0.8, dislike: -0.8, report: -1 },
  positiveFrom: 0.25,
  negativeTo: -0.1,
  abandonedShare: 0.1,
  softNegative: 0.1,
  snoozeMs: 24 * HOUR_MS,
  rankDecay: { halfLife: 5, floor: 0.08 },
  positiveHalfLifeMs: 14 * DAY_MS,
  negativeHalfLifeMs: 7 * DAY_MS,
  seedMass: 3,
  interests: { pool: 40, max: 3, similarity: 0.5, minShare: 0.2 },
  caps: {
    positives: 100,
    negatives: 50,
    tags: 64,
    recent: 20,
    hidden: 100,
    traits: 50,
    traitText: 200,
    seedTexts: 500,
  },
};

/** Share left after `ageMs`; 1 for the present and for anything ahead of it. */
export function timeDecay(ageMs: number, halfLifeMs: number): number {
  return ageMs <= 0 ? 1 : 2 ** (-ageMs / halfLifeMs);
}

/** Share left at `rank` (0 = touched last), in [floor, 1]. */
export function rankDecay(rank: number, decay: SignalsConfig["rankDecay"]): number {
  return decay.floor + (1 - decay.floor) * 2 ** (-rank / decay.halfLife);
}
