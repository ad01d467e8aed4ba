import type { UserKey } from "@signalpath/domain";
import type { BatchedFeature, FeatureEvaluator } from "@signalpath/feature-registry";
import type { BufferContent } from "@signalpath/ports";

import type { Context } from "./context.ts";

/**
 * Which profile features a change asks for: all; those that are due (never computed, or past their
 * time to live); those that events of these subjects invalidate.
 */
export type FeatureWish = "all" | "due" | { subjects: ReadonlySet<string> };

/** done; erased: the person was, meanwhile; moved: the person's events live elsewhere now. */
export type FeatureResult = { status: "done" | "erased" } | { status: "moved"; to: UserKey };

/** What becomes stale this soon is computed along, milliseconds: clocks of two services differ. */
const SOON_MS = 60_000;
const DONE: FeatureResult = { status: "done" };

/**
 * Computes profile features of one person from a complete buffer and stores them; where a newer
 * value stands, it stays.
 * @throws UnavailableError.
 */
export async function refreshFeatures(
  ctx: Context,
  owner: UserKey,
  content: BufferContent,
  wish: FeatureWish | undefined,
): Promise<FeatureResult> {
  const { features: evaluator } = ctx;
  if (evaluator === undefined || wish === undefined) return DONE;
  const wanted = await wantedOf(evaluator, owner, wish);
  if ("to" in wanted) return wanted;
  if (wanted.features.length === 0) return DONE;
  const outcome = await evaluator.recompute(owner, wanted.features, content);
  if (outcome.status === "moved") return outcome;
  if (outcome.status === "below_floor") return { status: "erased" };
  const refused = new Set(outcome.refused);
  for (const { name } of wanted.features) {
    const result = refused.has(name) ? "refused" : "saved";
    ctx.meters.featureRecomputes.inc({ feature: name, result });
  }
  observeFreshness(ctx, wanted.features, content, wish);
  return DONE;
}

async function wantedOf(
  evaluator: FeatureEvaluator,
  owner: UserKey,
  wish: FeatureWish,
): Promise<{ features: readonly BatchedFeature[] } | Extract<FeatureResult, { to: UserKey }>> {
  if (wish === "all") return { features: evaluator.batched };
  if (wish !== "due") return { features: evaluator.invalidatedBy(wish.subjects) };
  const stored = await evaluator.get(owner);
  return stored.status === "moved" ? stored : { features: evaluator.due(stored.features, SOON_MS) };
}

/** Only where events came: a value that was computed for its age says nothing about lateness. */
function observeFreshness(
  ctx: Context,
  features: readonly BatchedFeature[],
  content: BufferContent,
  wish: FeatureWish,
): void {
  const newest = content.events.at(-1);
  if (newest === undefined || wish === "all" || wish === "due") return;
  const seconds = Math.max(0, ctx.now() - Date.parse(newest.occurred_at)) / 1_000;
  for (const { name } of features) ctx.meters.featureFreshness.observe({ feature: name }, seconds);
}
