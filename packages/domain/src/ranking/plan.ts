import { compareCodePoints } from "../events/order.ts";
import type { GeoPoint } from "../events/types.ts";
import type { ContentItem } from "../content/types.ts";
import type { TagWeights, UserSignals } from "../user-model/types.ts";
import { type RankingConfig, RANKING_CONFIG } from "./config.ts";
import { hash32 } from "../content/hash.ts";
import { createTopK } from "./top-k.ts";
import type { Candidate, CandidateSource, ItemSignals, RankingInput } from "./types.ts";
import { decodeFloat32, decodeUint32 } from "../content/base64.ts";

/** One search for candidates; `k` results are wanted. `ids` and the stats need no content store. */
export type CandidateQuery =
  | { source: "vector"; vector: Float32Array; k: number }
  | { source: "tag"; weights: TagWeights; k: number }
  | { source: "item_to_item" | "collaborative" | "rule"; ids: readonly string[]; k: number }
  | { source: "near"; point: GeoPoint; k: number }
  | { source: "trending" | "trending_7d" | "new" | "popular"; k: number };

export interface PlanInput {
  model: UserSignals | undefined;
  near: GeoPoint | undefined;
  neighbours: RankingInput["neighbours"];
  /** Content of items the model names, for the vectors of its interests. */
  content: RankingInput["content"];
  /** What a trained model has for the person; absent = neighbours speak in its place. */
  trained?: TrainedCandidates | undefined;
}

/** Candidates of a trained model, most wanted first. */
export interface TrainedCandidates {
  related: (itemId: string) => readonly string[];
  /** At most `k` ids. */
  best: (k: number) => readonly string[];
}

type PlanConfig = Pick<RankingConfig, "candidates" | "candidateRecents">;

/**
 * Which searches a request needs. Everybody gets trending, new and popular items, and near ones
 * when there is a point; a model adds vectors (taste and every interest), tags, the neighbours of
 * recent items and of everything liked. Searches that could find nothing are left out.
 */
export function planCandidates(
  input: PlanInput,
  config: PlanConfig = RANKING_CONFIG,
): CandidateQuery[] {
  return [...planSteady(input, config), ...planPassing(input.near, config)];
}

/** The searches that find the same until the model, the catalogue or what is trained changes. */
export function planSteady(
  input: Omit<PlanInput, "near">,
  config: PlanConfig = RANKING_CONFIG,
): CandidateQuery[] {
  const queries = input.model === undefined ? [] : personalQueries(input.model, input, config);
  queries.push({ source: "new", k: config.candidates.new });
  return queries.filter((query) => query.k > 0);
}

/** The others: they follow what everybody does at the moment, and where the person is. */
export function planPassing(
  near: GeoPoint | undefined,
  { candidates: k }: Pick<RankingConfig, "candidates"> = RANKING_CONFIG,
): CandidateQuery[] {
  const queries: CandidateQuery[] = [];
  if (near !== undefined) queries.push({ source: "near", point: near, k: k.near });
  queries.push({ source: "trending", k: k.trending });
  queries.push({ source: "trending_7d", k: k.trending_7d });
  queries.push({ source: "popular", k: k.popular });
  return queries.filter((query) => query.k > 0);
}

function personalQueries(
  model: UserSignals,
  { neighbours, content, trained }: Omit<PlanInput, "near">,
  config: PlanConfig,
): CandidateQuery[] {
  const k = config.candidates;
  const queries: CandidateQuery[] = [];
  if (model.taste !== undefined) {
    queries.push({ source: "vector", vector: decodeFloat32(model.taste), k: k.vector });
  }
  for (const id of model.interests) {
    const vector = content(id)?.vector;
    if (vector === undefined) continue;
    queries.push({ source: "vector", vector: new Float32Array(vector), k: k.vector });
  }
  if (Object.keys(model.tag_affinity).length > 0) {
    queries.push({ source: "tag", weights: model.tag_affinity, k: k.tag });
  }
  const closest = trained?.related ?? ((id: string) => neighbours(id).map((one) => one.item_id));
  const recent = recentNeighbours(model, closest, k.item_to_item, config.candidateRecents);
  if (recent.length > 0) queries.push({ source: "item_to_item", ids: recent, k: recent.length });
  const liked =
    trained === undefined
      ? collaborativeCandidates(model, neighbours, k.collaborative)
      : trained.best(k.collaborative);
  if (liked.length > 0) queries.push({ source: "collaborative", ids: liked, k: liked.length });
  return queries;
}

/** Ids of the first `perItem` related to each of the newest items, each once. */
export function recentNeighbours(
  model: UserSignals,
  related: (itemId: string) => readonly string[],
  perItem: number,
  items: number,
): string[] {
  const ids = new Set<string>();
  for (const recent of model.recent.slice(0, items)) {
    if (Object.hasOwn(model.negatives, recent)) continue;
    for (const id of related(recent).slice(0, perItem)) ids.add(id);
  }
  return [...ids];
}

/** Ids of the `k` items with the largest sum of weight x similarity over what was liked, best first. */
export function collaborativeCandidates(
  model: UserSignals,
  neighbours: RankingInput["neighbours"],
  k: number,
): string[] {
  const sums = new Map<string, number>();
  const liked = Object.entries(model.positives).sort(
    ([a, x], [b, y]) => y - x || compareCodePoints(a, b),
  );
  const seen = new Set(decodeUint32(model.seen));
  for (const [id, weight] of liked) {
    for (const { item_id, similarity } of neighbours(id)) {
      sums.set(item_id, (sums.get(item_id) ?? 0) + weight * similarity);
    }
  }
  for (const id of Object.keys(model.positives)) sums.delete(id);
  for (const id of sums.keys()) if (seen.has(hash32(id))) sums.delete(id);
  return topIds(sums, k);
}

/**
 * Ids of the `k` most trending items by one of the half-lives, best first. Scans all items: once a
 * tick, not a request.
 */
export function trendingCandidates(
  signals: ReadonlyMap<string, ItemSignals>,
  k: number,
  window: "6h" | "7d" = "6h",
): string[] {
  const valueOf = (item: ItemSignals): number =>
    (window === "6h" ? item.trend6h : item.trend7d) ?? item.trend;
  return topIds(mapValues(signals, valueOf), k);
}

/** Ids of the `k` most popular items, best first. Scans all items: once a tick, not a request. */
export function popularCandidates(signals: ReadonlyMap<string, ItemSignals>, k: number): string[] {
  return topIds(
    mapValues(signals, (item) => item.popularity),
    k,
  );
}

/** What one search found, best first. */
export interface FoundItems {
  source: CandidateSource;
  items: readonly ContentItem[];
}

/** Candidates of searches, an item once for each that found it: a pool joins them. */
export function candidatesOf(found: Iterable<FoundItems>): Candidate[] {
  const candidates: Candidate[] = [];
  for (const { source, items } of found) {
    const sources = [source];
    for (const item of items) candidates.push({ item, sources });
  }
  return candidates;
}

function* mapValues(
  signals: ReadonlyMap<string, ItemSignals>,
  valueOf: (item: ItemSignals) => number,
): Generator<[string, number]> {
  for (const [id, item] of signals) yield [id, valueOf(item)];
}

function topIds(values: Iterable<readonly [string, number]>, k: number): string[] {
  const ids: string[] = [];
  const best = createTopK(k);
  for (const [id, value] of values) if (value > 0) best.push(ids.push(id) - 1, value, id);
  return best.take().map(({ index }) => ids[index]!);
}
