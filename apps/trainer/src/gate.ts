import type { RunSpec } from "@signalpath/ports";

import type { Outcome } from "./worker/messages.ts";

export interface Verdict {
  /** The new version serves from now on. */
  serve: boolean;
  /** Why, in one line for the log and the row. */
  reason: string;
}

/**
 * Whether a new version is to serve. `better` asks for two things on data it did not see: the
 * interval of what it has more than the serving version lies above zero, and the popular list and
 * item-knn are not ahead of it by more than their intervals. Where none serves, any version is
 * better than none.
 */
export function judgePromotion(
  promotion: RunSpec["promotion"],
  { evaluation, live }: Pick<Outcome, "evaluation" | "live">,
  { isServing }: { isServing: boolean },
): Verdict {
  if (promotion === "manual") return { serve: false, reason: "promotion is by hand" };
  if (promotion === "always") return { serve: true, reason: "every version serves" };
  if (!isServing) return { serve: true, reason: "no version serves yet" };
  if (evaluation === undefined) return { serve: false, reason: "it was not evaluated" };
  for (const [name, { difference }] of Object.entries(evaluation.baselines)) {
    if (difference.interval[1] < 0) return { serve: false, reason: `${name} is better` };
  }
  if (live === undefined) return { serve: true, reason: "the serving version cannot be read" };
  const { mean, interval } = live.difference;
  const by = `ndcg@20 ${mean >= 0 ? "+" : ""}${mean} [${interval.join(", ")}] against version ${live.version}`;
  return { serve: interval[0] > 0, reason: by };
}
