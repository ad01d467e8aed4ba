import type { Ranking } from "@signalpath/domain";

import type { Learned } from "./learning/learner-feed.ts";
import type { LiveModel } from "./live-models/live-models.ts";

/** How a list came about, as every answer with a list tells it. */
export function listDiagnostics(
  { pool_size, sources, rules, serendipity }: Ranking,
  live: LiveModel | undefined,
  ranking: Learned["mode"] | "static" = "static",
) {
  const collaborative_model = shownModel(live);
  return { pool_size, sources, ranking, collaborative_model, rules, serendipity };
}

/** The trained model behind a list, as answers name it. */
function shownModel(
  live: LiveModel | undefined,
): { model_id: number; version: number; kind: string | null } | null {
  if (live === undefined) return null;
  const { model_id, version, kind = null } = live.row;
  return { model_id, version, kind };
}
