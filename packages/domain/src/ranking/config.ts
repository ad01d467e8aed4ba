import type { CandidateSource, Scorer, ScorerWeights } from "./types.ts";

/** Everything a ranking can be tuned by. Weights are >= 0 but `aversion` and `dismissal`, which are <= 0. */
export interface RankingConfig {
  /** Raised when a default changes, so that a stored list can be explained later. */
  version: number;
  /** For people with a model; positive ones are scaled to sum to 1 over the scorers with evidence. */
  weights: ScorerWeights;
  /** What stands in their place while a trained model speaks for the person; the others stay. */
  modelWeights: Partial<Record<Scorer, number>>;
  /** For people without one; the same scaling. Scorers that are not named weigh 0. */
  coldWeights: Partial<Record<Scorer, number>>;
  /** Personal part = n / (n + blendEvents), n = events that shaped the model. */
  blendEvents: number;
  /** How much each kind of evidence of likeness between two items counts, in [0, 1]. */
  match: { neighbour: number; tag: number; vector: number };
  /** Liked items compared with every candidate, strongest first. */
  affinityAnchors: number;
  /** How many of those, and of the newest ones, are compared by vector too. */
  vectorAnchors: number;
  /** Newest items compared with every candidate; the next older counts `recencyDecay` as much. */
  recencyAnchors: number;
  recencyDecay: number;
  freshnessHalfLifeMs: number;
  /** Distance at which the geo score has fallen to 1/e, metres. */
  geoScaleM: number;
  /** 1 = by score alone, 0 = by difference alone. */
  mmrLambda: number;
  /** At most `max` items of one main tag in any `window` neighbours of the list. */
  tagCap: { max: number; window: number };
  reasonsPerItem: number;
  /** How many candidates each source may add; `item_to_item` is per recent item. */
  candidates: Record<CandidateSource, number>;
  /** Recent items asked for `item_to_item` candidates. */
  candidateRecents: number;
}

/** The defaults. How they were chosen: docs/quality.md. */
export const RANKING_CONFIG: RankingConfig = {
  version: 2,
  weights: {
    semantic: 0.3,
    affinity: 0.25,
    tag: 0.25,
    recency: 0.1,
    collaborative: 0.6,
    trend: 0.1,
    freshness: 0.05,
    time: 0.05,
    geo: 0.2,
    aversion: -0.25,
    quality: 0,
    dismissal: -0.25,
  },
  modelWeights: { collaborative: 2 },
  coldWeights: { trend: 0.4, freshness: 0.15, quality: 0.45, geo: 0.2 },
  blendEvents: 3,
  match: { neighbour: 1, tag: 0.2, vector: 1 },
  affinityAnchors: 20,
  vectorAnchors: 8,
  recencyAnchors: 3,
  recencyDecay: 0.5,
  freshnessHalfLifeMs: 7 * 24 * 3_600_000,
  geoScaleM: 500,
  mmrLambda: 0.8,
  tagCap: { max: 4, window: 10 },
  reasonsPerItem: 3,
  candidates: {
    vector: 150,
    item_to_item: 20,
    collaborative: 150,
    tag: 100,
    trending: 50,
    trending_7d: 50,
    new: 30,
    near: 50,
    popular: 50,
    rule: 100,
  },
  candidateRecents: 20,
};

/** What a caller may change; nested groups are merged member by member. */
export type RankingOverrides = {
  [K in keyof RankingConfig]?: RankingConfig[K] extends number
    ? RankingConfig[K]
    : Partial<RankingConfig[K]>;
};

/** `base` with the given members replaced. */
export function rankingConfig(
  overrides: RankingOverrides,
  base: RankingConfig = RANKING_CONFIG,
): RankingConfig {
  return {
    ...base,
    ...overrides,
    weights: { ...base.weights, ...overrides.weights },
    modelWeights: overrides.modelWeights ?? base.modelWeights,
    coldWeights: overrides.coldWeights ?? base.coldWeights,
    match: { ...base.match, ...overrides.match },
    tagCap: { ...base.tagCap, ...overrides.tagCap },
    candidates: { ...base.candidates, ...overrides.candidates },
  };
}

/** The configuration as it holds for one request: with the weights for a trained model, or without. */
export function configOf(config: RankingConfig, isModelLive: boolean): RankingConfig {
  if (!isModelLive) return config;
  return { ...config, weights: { ...config.weights, ...config.modelWeights } };
}
