import {
  emptyLearnerSums,
  posteriorOf,
  seededRandom,
  type LearnedRanking,
  type Posterior,
} from "@signalpath/domain";
import type { Learner, Learning } from "@signalpath/ports";
import { createRepeater, type Kit, type Logger } from "@signalpath/service-kit";

import type { RankerModels } from "./ranker-models.ts";

/** So old what was learned may be when a list is made, milliseconds. */
const REFRESH_MS = 2_000;

/** A learner as one list uses it. */
export interface Learned {
  mode: "bandit" | "ltr";
  /** Without `posterior` the list neither explores nor is told for learning. */
  rankingFor(requestId: string): LearnedRanking;
}

/** What was learned of every project, seconds behind at most. */
export interface LearnerFeed {
  /** Reads, and goes on reading. A store that is down is retried, not thrown. */
  start(): Promise<void>;
  close(): Promise<void>;
  /**
   * The learner of a list; undefined = the static weights. `unavailable`: a trained ranker was
   * promoted and cannot be loaded.
   * @param bandit what the person's variation says; undefined = as the project's policy says.
   */
  learnedFor(
    projectId: number,
    bandit: boolean | undefined,
  ): Promise<Learned | "unavailable" | undefined>;
  /** True while the last reading failed or there was none: what was read before goes on. */
  degraded(): boolean;
}

interface Known {
  learner: Learner;
  posterior: Posterior;
}

/** Reads what is learned every 2 s; serving is a look-up. */
export function createLearnerFeed(deps: {
  learning: Pick<Learning, "learners">;
  rankers: RankerModels;
  kit: Pick<Kit, "metrics">;
  logger: Logger;
  /** Share of learned lists that explore and are told for learning, [0, 1]. */
  logShare: number;
}): LearnerFeed {
  const { learning, rankers, logger, logShare } = deps;
  const { metrics } = deps.kit;
  const updates = metrics.gauge("learner_updates", "Impressions a learner learned from", [
    "project_id",
  ]);
  const confidence = metrics.gauge(
    "learner_weight_confidence",
    "Share of the prior variance of a weight that observations took away",
    ["project_id", "scorer"],
  );
  let byProject: ReadonlyMap<number, Known> = new Map();
  let failing = true;

  const repeater = createRepeater({
    task: async () => {
      try {
        const learners = await learning.learners();
        byProject = new Map(learners.map((learner) => [learner.project_id, known(learner)]));
        failing = false;
      } catch (error) {
        failing = true;
        throw error;
      }
    },
    pauseMs: () => REFRESH_MS,
    what: "reading what was learned",
    logger,
  });

  function known(learner: Learner): Known {
    const before = byProject.get(learner.project_id);
    const posterior =
      before !== undefined && isSame(before.learner, learner)
        ? before.posterior
        : posteriorOf(learner.sums);
    const project_id = String(learner.project_id);
    updates.set({ project_id }, posterior.n);
    for (const { scorer, confidence: value } of posterior.weights) {
      confidence.set({ project_id, scorer }, value);
    }
    return { learner, posterior };
  }

  return {
    start: () => repeater.runNow(),
    close: () => repeater.close(),
    degraded: () => failing,
    async learnedFor(projectId, bandit) {
      const found = byProject.get(projectId);
      const mode = modeOf(found?.learner, bandit);
      if (mode === "static") return undefined;
      const posterior = found?.posterior ?? posteriorOf(emptyLearnerSums());
      const exploring = (seed: string) => (isLogged(seed, logShare) ? { posterior } : {});
      if (mode === "bandit") {
        const { shift } = posterior;
        return { mode, rankingFor: (seed) => ({ shift, seed, ...exploring(seed) }) };
      }
      const score = await rankers.scorerOf(projectId, found?.learner.policy.model_id ?? 0);
      if (score === undefined) return "unavailable";
      return { mode, rankingFor: (seed) => ({ score, seed, ...exploring(seed) }) };
    },
  };
}

/** Drawn apart from what is explored, so that propensities of logged lists are what they were. */
function isLogged(requestId: string, share: number): boolean {
  return share >= 1 || seededRandom(`log:${requestId}`)() < share;
}

/** Two writes of one millisecond differ by their sums alone. */
function isSame(a: Learner, b: Learner): boolean {
  const { n, rewards, squares } = a.sums;
  return (
    a.updated_at === b.updated_at &&
    n === b.sums.n &&
    rewards === b.sums.rewards &&
    squares === b.sums.squares
  );
}

function modeOf(learner: Learner | undefined, bandit: boolean | undefined) {
  if (bandit !== undefined) return bandit ? "bandit" : "static";
  return learner?.policy.mode ?? "static";
}
