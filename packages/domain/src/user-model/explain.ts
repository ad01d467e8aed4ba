import { tagKey } from "../content/tags.ts";
import type { ContentLookup } from "./build-user-signals.ts";
import { byWeight } from "./codec.ts";
import { describeModel } from "./describe.ts";
import type { EngagementStyle, ExplainedTag, Trajectory, UserExplanation } from "./explanation.ts";
import type { ItemWeights, TagWeights, UserSignals } from "./types.ts";

const MAX_TAGS = 5;
const MAX_EVIDENCE = 5;
/** Fewer views than this show no style. */
const STYLE_VIEWS = 3;
/** Reads deeply from this mean dwell ratio and completion rate on. */
const DEEP = 0.5;
/** Skims below this mean dwell ratio. */
const SHALLOW = 0.25;
/** Fewer recent items than this show no trend. */
const TREND_ITEMS = 6;
/** Least change of mean stance between the halves of the recent items that is a trend. */
const TREND_STEP = 0.25;

/**
 * Says in facts what a model holds. Nothing in it comes from elsewhere than the model and the
 * labels of the items it names.
 */
export function explainUserSignals(model: UserSignals, content: ContentLookup): UserExplanation {
  const facts = {
    interests: explainTags(model.tag_affinity, model.positives, content),
    aversions: explainTags(model.tag_aversion, model.negatives, content),
    engagement_style: styleOf(model),
    breadth: breadthOf(model.tag_affinity),
    trajectory: trajectoryOf(model),
  };
  return { ...facts, summary: describeModel(model, facts) };
}

function explainTags(
  weights: TagWeights,
  items: ItemWeights,
  content: ContentLookup,
): ExplainedTag[] {
  const named = new Map<string, { label: string; itemIds: string[] }>();
  for (const [itemId] of byWeight(items)) {
    for (const tag of content(itemId)?.tags ?? []) {
      const key = tagKey(tag);
      const entry = named.get(key) ?? { label: tag.label, itemIds: [] };
      if (entry.itemIds.at(-1) !== itemId) entry.itemIds.push(itemId);
      named.set(key, entry);
    }
  }
  return byWeight(weights)
    .slice(0, MAX_TAGS)
    .map(([key, weight]) => {
      const { label, itemIds } = named.get(key) ?? { label: labelOf(key), itemIds: [] };
      return { label, weight, evidence: itemIds.slice(0, MAX_EVIDENCE) };
    });
}

function labelOf(key: string): string {
  return key.slice(key.indexOf(":") + 1);
}

function styleOf({ behavior }: UserSignals): EngagementStyle {
  if (behavior.n_views < STYLE_VIEWS) return "unknown";
  if (behavior.avg_dwell_ratio >= DEEP && behavior.completion_rate >= DEEP) return "deep_reader";
  return behavior.avg_dwell_ratio < SHALLOW ? "skimmer" : "sampler";
}

/** Entropy of the affinities over that of an even spread; 0 with fewer than two. */
function breadthOf(weights: TagWeights): number {
  const values = byWeight(weights).map(([, weight]) => weight);
  if (values.length < 2) return 0;
  const total = values.reduce((sum, value) => sum + value, 0);
  const entropy = values.reduce((sum, value) => sum - (value / total) * Math.log(value / total), 0);
  return Math.min(1, entropy / Math.log(values.length));
}

/** Whether the newer half of the recent items was met better than the older half. */
function trajectoryOf(model: UserSignals): Trajectory {
  const { recent, positives, negatives } = model;
  if (recent.length < TREND_ITEMS) return "new";
  const stance = (itemId: string): number =>
    Object.hasOwn(positives, itemId) ? 1 : Object.hasOwn(negatives, itemId) ? -1 : 0;
  const mean = (itemIds: readonly string[]): number =>
    itemIds.reduce((sum, itemId) => sum + stance(itemId), 0) / itemIds.length;
  const half = Math.floor(recent.length / 2);
  const change = mean(recent.slice(0, half)) - mean(recent.slice(half));
  if (Math.abs(change) < TREND_STEP) return "steady";
  return change > 0 ? "warming" : "cooling";
}
