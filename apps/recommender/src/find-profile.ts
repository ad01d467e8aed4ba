import type { Degradation } from "@signalpath/contracts";
import type { ProfileValues, RankingVariant } from "@signalpath/domain";
import type { FeatureEvaluator, ServedFeature } from "@signalpath/feature-registry";
import type { Logger } from "@signalpath/service-kit";

import { withDeadline } from "./deadline.ts";
import type { ProfileSettings } from "./deps.ts";
import type { FoundModel } from "./find-model.ts";
import type { ReadFeatures } from "./read-features.ts";

export interface FoundProfile {
  /** Undefined = a ranking uses none. */
  profile: ProfileValues | undefined;
  degraded: readonly Degradation[];
}

export interface FindProfileDeps {
  evaluator: FeatureEvaluator;
  readFeatures: ReadFeatures;
  settings: ProfileSettings;
  deadlineMs: number;
  logger: Logger;
}

const NONE: FoundProfile = { profile: undefined, degraded: [] };

/**
 * What a ranking uses of a person's profile features: only what is switched on, by the settings or
 * by a variation that decides otherwise, and was computed.
 * A person without a model has none. Features that cannot be read in time cost quality, never the
 * answer.
 */
export function createFindProfile(deps: FindProfileDeps) {
  const { evaluator } = deps;

  return async (
    projectId: number,
    userId: string,
    found: FoundModel,
    ranking?: RankingVariant,
  ): Promise<FoundProfile> => {
    const settings = settingsOf(deps.settings, ranking);
    const isUsed = settings.timeOfDay || settings.dismissDamping;
    if (!isUsed || found.stored === undefined) return NONE;
    try {
      const read = deps.readFeatures.byOwner(projectId, userId, found.owner);
      const { stored } = await withDeadline(read, deps.deadlineMs, "feature_store");
      const served = evaluator.serve(stored, found.stored.model);
      const profile = {
        ...(settings.timeOfDay ? { hourAlignment: known(served.get("preferred_hour")) } : {}),
        ...(settings.dismissDamping ? { dismissRate: known(served.get("dismiss_rate_30d")) } : {}),
      };
      return { profile, degraded: [] };
    } catch (error) {
      deps.logger.debug({ err: error }, "profile features do not come, ranked without them");
      return { profile: undefined, degraded: ["feature_store"] };
    }
  };
}

export type FindProfile = ReturnType<typeof createFindProfile>;

function settingsOf(settings: ProfileSettings, ranking?: RankingVariant): ProfileSettings {
  return {
    timeOfDay: ranking?.time_of_day ?? settings.timeOfDay,
    dismissDamping: ranking?.dismiss_damping ?? settings.dismissDamping,
  };
}

/** A fallback is no evidence, and neither is a value that says that there is none. */
function known(feature: ServedFeature | undefined): number | undefined {
  return feature === undefined || feature.value === null || feature.source === "fallback"
    ? undefined
    : feature.normalized;
}
