import type { Comparison } from "@signalpath/models";
import type { RunSpec } from "@signalpath/ports";

import type { Outcome } from "./worker/messages.ts";

/** How the candidate did against one opponent, on people and items it did not see. */
export interface Opponent extends Pick<Comparison, "ndcg@20" | "interval" | "difference"> {
  /** A kind with its defaults, or `version 3`, which serves. */
  name: string;
  /** Of the candidate. */
  verdict: Comparison["verdict"];
}

export interface Verdict {
  /** The new version serves from now on. */
  serve: boolean;
  /** Why, in one line for the log and the row. */
  reason: string;
  /** All it was measured against; none where it was not evaluated. */
  opponents: Opponent[];
}

/** What serves when a run ends. */
interface Serving {
  /** Null: nothing. */
  version: number | null;
  /** A version whose file is damaged or gone, so that no gateway can load it either. */
  damaged: number | undefined;
}

/**
 * Whether a new version is to serve, and how it did against each opponent. `better` asks for two
 * things on data it did not see: the popular list and item-knn are not ahead of it by more than
 * their intervals, also where nothing serves yet, and the interval of what it has more than the
 * serving version lies above zero. Where none serves, or one that nobody can load, that first is
 * enough; one that was not compared with is not replaced. What was not evaluated never serves by it.
 */
export function judgePromotion(
  promotion: RunSpec["promotion"],
  { evaluation, live }: Pick<Outcome, "evaluation" | "live">,
  serving: Serving,
): Verdict {
  const opponents = opponentsOf({ evaluation, live });
  const decided = decide(promotion, { evaluation, live, opponents }, serving);
  return { ...decided, opponents };
}

type Measured = Record<"evaluation", Outcome["evaluation"]> & Record<"live", Outcome["live"]>;

function decide(
  promotion: RunSpec["promotion"],
  { evaluation, live, opponents }: Measured & { opponents: readonly Opponent[] },
  { version, damaged }: Serving,
): Omit<Verdict, "opponents"> {
  if (promotion === "manual") return { serve: false, reason: "promotion is by hand" };
  if (promotion === "always") return { serve: true, reason: "every version serves" };
  const ahead = opponents.find(
    ({ name, verdict }) => verdict === "behind" && Object.hasOwn(evaluation?.baselines ?? {}, name),
  );
  if (ahead !== undefined) return { serve: false, reason: `${ahead.name} is better` };
  if (evaluation === undefined) return { serve: false, reason: "it was not evaluated" };
  if (version === null) return { serve: true, reason: "no version serves yet" };
  if (version === damaged) return { serve: true, reason: `version ${version} cannot be read` };
  if (live?.version !== version) {
    return { serve: false, reason: `version ${version} serves, which it was not compared with` };
  }
  const { mean, interval } = live.difference;
  const by = `ndcg@20 ${mean >= 0 ? "+" : ""}${mean} [${interval.join(", ")}] against version ${live.version}`;
  return { serve: live.verdict === "ahead", reason: by };
}

function opponentsOf({ evaluation, live }: Measured): Opponent[] {
  const rivals: [string, Comparison][] = Object.entries(evaluation?.baselines ?? {});
  if (live !== undefined) rivals.push([`version ${live.version}`, live]);
  return rivals.map(([name, { "ndcg@20": ndcg, interval, difference, verdict }]) => ({
    name,
    "ndcg@20": ndcg,
    interval,
    difference,
    verdict,
  }));
}
