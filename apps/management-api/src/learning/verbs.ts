import { ServiceError, type LearningStatus, type policyBody } from "@signalpath/contracts";
import {
  emptyLearnerSums,
  observationsOf,
  posteriorOf,
  type OffPolicyEstimates,
} from "@signalpath/domain";
import { RANKER_FEATURES } from "@signalpath/models";
import type { Learner, Learning } from "@signalpath/ports";
import type { z } from "zod";

import {
  evaluate,
  isPromotable,
  LEAST_EFFECTIVE,
  shownEstimates,
  type EvaluateDeps,
  type Target,
} from "./evaluate.ts";

/** What the calls about learning stand on. */
export interface LearningDeps extends EvaluateDeps {
  learning: Pick<Learning, "learner" | "kept" | "setPolicy">;
}

/** Health of a learner, estimates, examples, and which ranking serves. */
export function createLearningVerbs(deps: LearningDeps) {
  const { learning } = deps;
  const verbs = {
    async status(projectId: number): Promise<LearningStatus> {
      return shownLearner(projectId, await learning.learner(projectId));
    },

    async evaluate(projectId: number, mode: Target["mode"], modelId: number | undefined) {
      const target = targetOf(mode, modelId);
      return shownEstimates(nameOf(target), await evaluate(deps, projectId, target));
    },

    async examples(projectId: number, limit: number) {
      const lists = await learning.kept(projectId, limit);
      const examples = lists.flatMap(observationsOf).map(({ item, reward }) => ({
        x: [...item.values, item.static_score],
        reward,
      }));
      return { features: [...RANKER_FEATURES], examples };
    },

    /**
     * Makes a ranking serve. A trained one only when its estimate beats what was logged, or by
     * force; either is recorded.
     * @throws ServiceError PROMOTION_REFUSED, RANKING_MODE_UNAVAILABLE.
     */
    async setPolicy(
      projectId: number,
      { mode, model_id, force }: z.output<typeof policyBody>,
    ): Promise<LearningStatus> {
      if (mode !== "ltr") {
        const plain = { mode, model_id: null, forced: false, estimates: null };
        return shownLearner(projectId, await learning.setPolicy(projectId, plain));
      }
      const target = targetOf(mode, model_id);
      const estimates = await evaluate(deps, projectId, target);
      const isBetter = isPromotable(estimates);
      if (!isBetter && !force) {
        throw new ServiceError("PROMOTION_REFUSED", refusalOf(nameOf(target), estimates));
      }
      const policy = { mode, model_id: model_id ?? null, forced: !isBetter, estimates };
      return shownLearner(projectId, await learning.setPolicy(projectId, policy));
    },
  };
  return verbs;
}

/** Why a ranking may not serve, and what can be done about it. */
function refusalOf(target: string, { slots, effective, gain }: OffPolicyEstimates): string {
  if (!Number.isFinite(gain.low) && slots > 1) {
    return `all ${slots} explored places were shown to one person: what others would do is not known. Let the bandit serve more people, or force it`;
  }
  if (!Number.isFinite(gain.low)) {
    return `${slots} explored places were shown: there is nothing to estimate ${target} from. Let the bandit serve until lists with explored places were seen, or force it`;
  }
  if (effective < LEAST_EFFECTIVE) {
    return `${slots} explored places were shown, ${effective.toFixed(1)} effective for ${target}: ${LEAST_EFFECTIVE} are needed. Let the bandit serve longer, or force it`;
  }
  const interval = `${gain.value.toFixed(4)} [${gain.low.toFixed(4)}, ${gain.high.toFixed(4)}]`;
  const advice =
    gain.high > 0
      ? "More explored places narrow the interval"
      : "It would earn less than it replaces";
  return `over ${slots} explored places ${target} gains ${interval} a place: the lower bound must be above 0. ${advice}; force serves it all the same, on record`;
}

function targetOf(mode: Target["mode"], modelId: number | undefined): Target {
  if (mode !== "ltr") return { mode };
  if (modelId !== undefined) return { mode, model_id: modelId };
  throw new ServiceError("VALIDATION_FAILED", "the request is not valid", {
    issues: [{ path: "model_id", message: "goes with ltr" }],
  });
}

function nameOf(target: Target): string {
  return target.mode === "ltr" ? `model:${target.model_id}` : target.mode;
}

function shownLearner(project: number, learner: Learner | undefined): LearningStatus {
  const { status, n, meanReward, weights } = posteriorOf(learner?.sums ?? emptyLearnerSums());
  const policy = learner?.policy;
  const estimates = policy?.estimates ?? null;
  return {
    project,
    mode: policy?.mode ?? "static",
    model_id: policy?.model_id ?? null,
    forced: policy?.forced ?? false,
    promoted_by: estimates === null ? null : shownEstimates(`model:${policy?.model_id}`, estimates),
    changed_at: policy?.changed_at ?? "",
    status,
    updates: n,
    decisions: learner?.decisions ?? 0,
    mean_reward: meanReward,
    updated_at: learner?.updated_at ?? null,
    weights: [...weights],
  };
}
