import type { FeaturesResponse } from "@signalpath/contracts";
import type { UserKey, UserSignals } from "@signalpath/domain";
import type { FeatureEvaluator } from "@signalpath/feature-registry";
import type { UserModelStore } from "@signalpath/ports";
import type { HeaderValues, Kit } from "@signalpath/service-kit";

import type { ReadFeatures } from "./read-features.ts";

export interface GetFeaturesDeps {
  readFeatures: ReadFeatures;
  evaluator: FeatureEvaluator;
  models: Pick<UserModelStore, "get">;
  now: Kit["now"];
}

/**
 * Every profile feature of one person; of nobody known, the fallbacks.
 * @throws UnavailableError.
 */
export function createGetFeatures({ readFeatures, evaluator, models, now }: GetFeaturesDeps) {
  const readsModel = evaluator.registry.features.some(({ freshness }) => freshness === "jit");

  async function modelOf(owner: UserKey): Promise<UserSignals | undefined> {
    if (!readsModel) return undefined;
    const answer = await models.get(owner);
    return answer.status === "ok" ? answer.model : undefined;
  }

  return async (
    projectId: number,
    userId: string,
    traceHeaders?: HeaderValues,
  ): Promise<FeaturesResponse> => {
    const { owner, stored } = await readFeatures.byName(projectId, userId, traceHeaders);
    const served = evaluator.serve(stored, await modelOf(owner));
    readFeatures.count(served, now());
    const features = Object.fromEntries(
      [...served].map(([name, { value, normalized, computedAtMs, expiresAtMs, stale, source }]) => [
        name,
        {
          value,
          normalized,
          computed_at: isoOf(computedAtMs),
          expires_at: isoOf(expiresAtMs),
          stale,
          source,
        },
      ]),
    );
    return { user_id: userId, features };
  };
}

function isoOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
