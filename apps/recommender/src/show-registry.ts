import type { FeatureRegistryResponse } from "@signalpath/contracts";
import type { FeatureRegistry } from "@signalpath/feature-registry";

/** What is known of every feature, in the words of the registry. */
export function createShowRegistry(registry: FeatureRegistry) {
  const shown: FeatureRegistryResponse = {
    features: registry.features.map((feature) => ({
      name: feature.name,
      dtype: feature.dtype,
      description: feature.description,
      freshness: feature.freshness,
      ttl_sec: feature.ttlSec,
      source: feature.source,
      fallback: feature.fallback.text,
      invalidated_by: [...feature.invalidatedBy],
    })),
  };
  return (): FeatureRegistryResponse => shown;
}
