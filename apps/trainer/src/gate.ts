import type { RunSpec } from "@signalpath/ports";

import type { Outcome } from "./worker/messages.ts";

export interface Verdict {
  /** The new version serves from now on. */
  serve: boolean;
  /** Why, in one line for the log and the row. */
  reason: string;
}

/** What serves when a run ends. */
interface Serving {
  /** Null: nothing. */
  version: number | null;
  /** A version whose file is damaged or gone, so that no gateway can load it either. */
  damaged: number | undefined;
}

/**
 * Whether a new version is to serve. `better` asks for two things on data it did not see: the
 * interval of what it has more than the serving version lies above zero, and the popular list and
 * item-knn are not ahead of it by more than their intervals. Where none serves, or one that nobody
 * can load, any version is better than none; one that was not compared with is not replaced.
 */
export function judgePromotion(
  promotion: RunSpec["promotion"],
  { evaluation, live }: Pick<Outcome, "evaluation" | "live">,
  { version, damaged }: Serving,
): Verdict {
  if (promotion === "manual") return { serve: false, reason: "promotion is by hand" };
  if (promotion === "always") return { serve: true, reason: "every version serves" };
  if (version === null) return { serve: true, reason: "no version serves yet" };
  if (evaluation === undefined) return { serve: false, reason: "it was not evaluated" };
  for (const [name, { difference }] of Object.entries(evaluation.baselines)) {
    if (difference.interval[1] < 0) return { serve: false, reason: `${name} is better` };
  }
  if (version === damaged) return { serve: true, reason: `version ${version} cannot be read` };
  if (live?.version !== version) {
    return { serve: false, reason: `version ${version} serves, which it was not compared with` };
  }
  const { mean, interval } = live.difference;
  const by = `ndcg@20 ${mean >= 0 ? "+" : ""}${mean} [${interval.join(", ")}] against version ${live.version}`;
  return { serve: interval[0] > 0, reason: by };
}
