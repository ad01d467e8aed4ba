import { ServiceError, type LearningEstimates } from "@signalpath/contracts";
import {
  crossFit,
  estimateOffPolicy,
  greedyPolicy,
  type Estimate,
  type OffPolicyEstimates,
  type Policy,
} from "@signalpath/domain";
import { createModelLoader, type Checker, type KeyRing } from "@signalpath/model-loader";
import { contentLtr, type Ranker } from "@signalpath/models";
import type { Learning, ModelCatalogue, ModelFileReader } from "@signalpath/ports";

/** Newest lists an estimate is made of. */
const LISTS = 2_000;

/** A ranking that could serve. */
export type Target = { mode: "static" } | { mode: "bandit" } | { mode: "ltr"; model_id: number };

/** What estimates stand on. */
export interface EvaluateDeps {
  learning: Pick<Learning, "kept">;
  modelCatalogue: Pick<ModelCatalogue, "served">;
  modelFiles: ModelFileReader;
  ring: KeyRing;
  checker: Checker;
}

/**
 * What a ranking would have earned in the places that were left to chance.
 * @throws ServiceError RANKING_MODE_UNAVAILABLE when the model is no ranker of the project.
 */
export async function evaluate(
  deps: EvaluateDeps,
  projectId: number,
  target: Target,
): Promise<OffPolicyEstimates> {
  const policy = await policyOf(deps, projectId, target);
  return estimateOffPolicy(crossFit(await deps.learning.kept(projectId, LISTS)), policy);
}

/** The bandit's is what it learns from the lists that a place is not of. */
async function policyOf(deps: EvaluateDeps, projectId: number, target: Target): Promise<Policy> {
  if (target.mode === "static") return greedyPolicy(({ static_score }) => static_score);
  if (target.mode === "bandit")
    return greedyPolicy((item, place, expected) => expected(item, place));
  return greedyPolicy((await rankerOf(deps, projectId, target.model_id)).score);
}

/** The serving version of a ranker. @throws ServiceError RANKING_MODE_UNAVAILABLE. */
async function rankerOf(
  { modelCatalogue, modelFiles: files, ring, checker }: EvaluateDeps,
  projectId: number,
  modelId: number,
): Promise<Ranker> {
  const [row] = await modelCatalogue.served([modelId]);
  if (row === undefined || row.project_id !== projectId || row.kind !== contentLtr.name) {
    throw new ServiceError(
      "RANKING_MODE_UNAVAILABLE",
      `model ${modelId} is no serving ${contentLtr.name} of this project`,
      { issues: [{ path: "model_id", message: "not available" }] },
    );
  }
  const kinds = { [contentLtr.name]: contentLtr };
  const load = createModelLoader<Ranker>({ files, ring, checker, kinds });
  const { trained_model_id: model_id, project_id, version, sha256, file, kind } = row;
  return (await load({ model_id, project_id, version, sha256, file, kind })).scorer;
}

/** Fewer effective places than this, and a normal interval says nothing. */
export const LEAST_EFFECTIVE = 30;

/** True when what a ranking earned more is above 0 with 97.5 % certainty, by places enough. */
export function isPromotable({
  gain,
  effective,
}: Pick<OffPolicyEstimates, "gain" | "effective">): boolean {
  return effective >= LEAST_EFFECTIVE && gain.low > 0;
}

/** Estimates as callers see them. */
export function shownEstimates(target: string, found: OffPolicyEstimates): LearningEstimates {
  const shown = ({ value, low, high }: Estimate) => ({
    value,
    low: Number.isFinite(low) ? low : null,
    high: Number.isFinite(high) ? high : null,
  });
  return {
    target,
    slots: found.slots,
    effective: found.effective,
    logged: shown(found.logged),
    ips: shown(found.ips),
    snips: shown(found.snips),
    doubly_robust: shown(found.doublyRobust),
    gain: shown(found.gain),
    promotable: isPromotable(found),
  };
}
