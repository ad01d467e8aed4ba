import type { SignalEvent, UserKey, UserSignals } from "@signalpath/domain";
import type {
  Clock,
  FeaturesAnswer,
  FeatureStore,
  SaveFeaturesOutcome,
  StoredFeature,
  StoredFeatures,
} from "@signalpath/ports";

import type { BatchedFeature, Feature } from "./feature.ts";
import { FEATURES } from "./features.generated.ts";
import { createFeatureRegistry, type FeatureRegistry } from "./registry.ts";

/** A value ready for whoever asked. */
export interface ServedFeature {
  value: number | null;
  /** [0, 1]. */
  normalized: number;
  /** Milliseconds; null = never computed. */
  computedAtMs: number | null;
  /** From then on it is stale, milliseconds. */
  expiresAtMs: number | null;
  stale: boolean;
  /** Where the value is from; `fallback`: it was never computed. */
  source: Feature["source"] | "fallback";
}

/** A person's buffer: what batched features are computed from. */
export interface FeatureInput {
  /** Oldest first. */
  events: readonly SignalEvent[];
  revision: number;
}

export interface FeatureEvaluator {
  registry: FeatureRegistry;
  /** What is stored of a person. @throws UnavailableError. */
  get(key: UserKey): Promise<FeaturesAnswer>;
  /** Every feature that is computed behind the bus. */
  batched: readonly BatchedFeature[];
  /** Those of them that events of these subjects invalidate, each once. */
  invalidatedBy(subjects: Iterable<string>): readonly BatchedFeature[];
  /** Those of them that were never computed, or are stale within `soonMs`. */
  due(stored: StoredFeatures, soonMs?: number): readonly BatchedFeature[];
  /**
   * Computes as of now (or of the newest event, where a sender's clock runs ahead) and stores by
   * compare-and-set.
   * @throws UnavailableError.
   */
  recompute(
    key: UserKey,
    features: readonly BatchedFeature[],
    input: FeatureInput,
  ): Promise<SaveFeaturesOutcome>;
  /**
   * Every feature for serving; computes only those of freshness `jit`, from the model.
   * @param model undefined = there is none: those have their fallback.
   */
  serve(stored: StoredFeatures, model: UserSignals | undefined): ReadonlyMap<string, ServedFeature>;
}

/**
 * The features of the registry over a store, which is their cache: a value stands until an event of
 * a subject it names, or until its time to live has passed and somebody asked for it.
 */
export function createFeatureEvaluator(deps: {
  store: FeatureStore;
  now: Clock;
  registry?: FeatureRegistry;
}): FeatureEvaluator {
  const { store, now } = deps;
  const registry = deps.registry ?? createFeatureRegistry(FEATURES);
  const batched = registry.features.filter((feature) => feature.freshness === "batched");

  return {
    registry,
    batched,
    get: (key) => store.get(key),
    invalidatedBy(subjects) {
      const hit = new Set<Feature>();
      for (const subject of subjects) {
        for (const feature of registry.invalidatedBy(subject)) hit.add(feature);
      }
      return batched.filter((feature) => hit.has(feature));
    },
    due(stored, soonMs = 0) {
      const at = now() + soonMs;
      return batched.filter((feature) => {
        const held = stored.get(feature.name);
        return held === undefined || expiryOf(feature, held) <= at;
      });
    },
    async recompute(key, features, { events, revision }) {
      if (features.length === 0) return { status: "saved", refused: [] };
      const newest = events.at(-1);
      const newestMs = newest === undefined ? 0 : Date.parse(newest.occurred_at);
      const computedAtMs = Math.max(now(), newestMs);
      const values = new Map(
        features.map((feature) => [feature.name, feature.compute(events, computedAtMs)]),
      );
      const offset = events.findLast((event) => event.utc_offset_min !== undefined);
      const place =
        offset?.utc_offset_min === undefined ? {} : { utcOffsetMin: offset.utc_offset_min };
      return store.save(key, { values, computedAtMs, revision, ...place });
    },
    serve(stored, model) {
      const nowMs = now();
      return new Map(
        registry.features.map((feature) => [feature.name, served(feature, stored, model, nowMs)]),
      );
    },
  };
}

function expiryOf(feature: Feature, { computedAtMs }: Pick<StoredFeature, "computedAtMs">): number {
  return computedAtMs + feature.ttlSec * 1_000;
}

function served(
  feature: Feature,
  stored: StoredFeatures,
  model: UserSignals | undefined,
  nowMs: number,
): ServedFeature {
  const held = heldOf(feature, stored, model, nowMs);
  if (held === undefined) {
    const { value } = feature.fallback;
    return {
      value,
      normalized: feature.normalise(value, { nowMs }),
      computedAtMs: null,
      expiresAtMs: null,
      stale: false,
      source: "fallback",
    };
  }
  const { value, computedAtMs, utcOffsetMin } = held;
  const expiresAtMs = expiryOf(feature, held);
  return {
    value,
    normalized: feature.normalise(value, { nowMs, utcOffsetMin }),
    computedAtMs,
    expiresAtMs,
    stale: expiresAtMs <= nowMs,
    source: feature.source,
  };
}

function heldOf(
  feature: Feature,
  stored: StoredFeatures,
  model: UserSignals | undefined,
  nowMs: number,
): Omit<StoredFeature, "revision"> | undefined {
  if (feature.freshness === "batched") return stored.get(feature.name);
  if (model === undefined) return undefined;
  return { value: feature.compute(model, nowMs), computedAtMs: nowMs };
}
