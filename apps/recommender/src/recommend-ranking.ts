import { CONTENT_SPACE, mergeVariants, type RankingVariant } from "@signalpath/domain";
import type { ContentFeed } from "@signalpath/service-kit";

import type { AssignedVariation, ExperimentFeed } from "./experiment-feed.ts";

/**
 * What a list is ranked by, whoever asks for it: the ranking promoted for the project, with the
 * person's variation on top. Undefined = as it ships.
 */
export function rankingFor(
  experiments: Pick<ExperimentFeed, "rankingOf">,
  projectId: number,
  assigned: AssignedVariation | undefined,
): RankingVariant | undefined {
  return mergeVariants(experiments.rankingOf(projectId), assigned?.ranking);
}

/** The embedding space a project is served from, as answers name it. */
export function shownSpace(feed: Pick<ContentFeed, "space">, projectId: number): string {
  return feed.space(projectId)?.id ?? CONTENT_SPACE;
}
