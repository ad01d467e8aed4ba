import type { ContentItem } from "../content/types.ts";
import type { GeoPoint } from "../events/types.ts";
import type { UserSignals } from "../user-model/types.ts";
import type { AppliedRule, RuleCount } from "./rules.ts";
import type { SerendipityOutcome } from "./serendipity.ts";

/** Scorers, each in [0, 1]; `aversion` and `dismissal` have negative weights. */
export const SCORERS = [
  "semantic",
  "affinity",
  "tag",
  "recency",
  "collaborative",
  "trend",
  "freshness",
  "time",
  "geo",
  "aversion",
  "quality",
  "dismissal",
] as const;
export type Scorer = (typeof SCORERS)[number];
export type ScorerWeights = Record<Scorer, number>;

/** Where a candidate came from. */
export const CANDIDATE_SOURCES = [
  "vector",
  "item_to_item",
  "collaborative",
  "tag",
  "trending",
  "trending_7d",
  "new",
  "near",
  "popular",
  "rule",
] as const;
export type CandidateSource = (typeof CANDIDATE_SOURCES)[number];

export interface Candidate {
  item: ContentItem;
  sources: readonly CandidateSource[];
}

/** What the archive counted for one item, ready for scoring; all in [0, 1]. */
export interface ItemSignals {
  /** Trending by the 6 h and 7 d half-lives, relative to the project's most trending item. */
  trend: number;
  /** By the 6 h half-life alone; absent where the parts are not told apart. */
  trend6h?: number;
  /** By the 7 d half-life alone. */
  trend7d?: number;
  /** Beta-smoothed positive rate. */
  quality: number;
  /** Relative to the project's most popular item (positives, undecayed). */
  popularity: number;
}

/** An item that the same people liked. `similarity` in (0, 1]. */
export interface Neighbour {
  item_id: string;
  similarity: number;
}

/** Profile features as serving has them, [0, 1]; absent = not known, or switched off. */
export interface ProfileValues {
  /** How near the present hour is to the one in which the person finishes most. */
  hourAlignment?: number | undefined;
  /** Share of what was shown that the person dismissed. */
  dismissRate?: number | undefined;
}

/** What a trained model says of the person a request is about. */
export interface CollaborativeModel {
  /** Comparable among the items of one request; what is not above 0 is no evidence. */
  scoreOf: (itemId: string) => number;
  /** An item of the person that speaks for this one, where that is known. */
  because: (itemId: string) => string | undefined;
}

/** Everything a ranking is a function of. */
export interface RankingInput {
  model: UserSignals | undefined;
  /** `seenSet` of the model, from callers that have it; absent = read from the model. */
  seen?: ReadonlySet<number> | undefined;
  candidates: readonly Candidate[];
  /** Absent = never touched. */
  itemSignals: (itemId: string) => ItemSignals | undefined;
  neighbours: (itemId: string) => readonly Neighbour[];
  /** Scores `collaborative` instead of the neighbours; absent = no model is live. */
  collaborative?: CollaborativeModel | undefined;
  /** Content of items the model names (positives, recent, negatives). */
  content: (itemId: string) => ContentItem | undefined;
  /** Milliseconds; the trending tick (10 s), not the clock of the moment. */
  nowMs: number;
  near: GeoPoint | undefined;
  profile?: ProfileValues | undefined;
  /** 1..100. */
  limit: number;
}

export const REASON_KINDS = [
  "affinity",
  "tag",
  "semantic",
  "collaborative",
  "recency",
  "trend",
  "freshness",
  "time",
  "geo",
  "quality",
] as const;
export type ReasonKind = (typeof REASON_KINDS)[number];

/** Why an item is in the list. `evidence` are item ids; wording is made from kind and label. */
export interface Reason {
  kind: ReasonKind;
  label: string;
  /** The contribution it explains. */
  weight: number;
  evidence: string[];
  /** One English sentence. */
  text: string;
}

export interface RankedItem {
  item_id: string;
  /** 1-based. */
  rank: number;
  /** >= 0. Sum of `contributions` to 1e-9. */
  score: number;
  role: "target" | "serendipity";
  /** Chance put it here, to learn from: only in lists of a learner. */
  explored?: true;
  contributions: Record<string, number>;
  reasons: Reason[];
  /** Rules that moved it; absent = none. */
  rules?: AppliedRule[] | undefined;
}

export interface Ranking {
  strategy: "warm" | "cold";
  items: RankedItem[];
  /** Candidates that were scored. */
  pool_size: number;
  /** Candidates by source; one candidate may have several. */
  sources: Partial<Record<CandidateSource, number>>;
  /** Rules that held for the list, also those that met nothing. */
  rules: RuleCount[];
  /** What became of the slot for a surprise. */
  serendipity: SerendipityOutcome;
}
