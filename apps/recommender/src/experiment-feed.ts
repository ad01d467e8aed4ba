import { subjects } from "@signalpath/contracts";
import { assignVariation, type AssignmentRule, type RankingVariant } from "@signalpath/domain";
import type { Bus, Experiment, Experiments } from "@signalpath/ports";
import type { Logger } from "@signalpath/service-kit";

import { followTable } from "./followed-table.ts";

/** Everything is re-read this often, whatever was heard, milliseconds. */
const REFRESH_MS = 60_000;
/** After a failed read the next one comes sooner, milliseconds. */
const RETRY_MS = 2_000;
const PAGE = 200;

/** The variation a person's lists are ranked by. */
export interface AssignedVariation {
  experimentId: string;
  variationIndex: number;
  /** Undefined = as for everybody. */
  ranking: RankingVariant | undefined;
}

/** Running experiments with a ranking in any of their variations, seconds behind at most. */
export interface ExperimentFeed {
  /** Listens, then reads. A store that is down is retried, not thrown. */
  start(): Promise<void>;
  close(): Promise<void>;
  /**
   * The variation of a unit in the oldest of the project's experiments that the unit takes part in;
   * undefined when there is none, and while `degraded`: it may have been stopped.
   */
  assign(projectId: number, unit: string): AssignedVariation | undefined;
  /** How a project ranks for everybody else; the last one known while `degraded`. */
  rankingOf(projectId: number): RankingVariant | undefined;
  /** True while the last reading failed or there was none. */
  degraded(): boolean;
}

interface Running {
  id: string;
  rule: AssignmentRule;
  rankings: readonly (RankingVariant | undefined)[];
}

/**
 * Reads the table at start, when `experiments.changed` is heard, after a reconnect of the bus and
 * every 60 s. Serving is a look-up and two hashes; nothing is recorded.
 */
export function createExperimentFeed(deps: {
  experiments: Pick<Experiments, "list" | "rankings">;
  bus: Pick<Bus, "hear" | "onReconnect">;
  logger: Logger;
}): ExperimentFeed {
  const { experiments, bus, logger } = deps;
  let byProject: ReadonlyMap<number, readonly Running[]> = new Map();
  let rankings: ReadonlyMap<number, RankingVariant> = new Map();

  const table = followTable({
    subjects: [subjects.experimentChanged],
    read: async () => {
      const running = groupByProject(await readRunning(experiments));
      rankings = await readRankings(experiments);
      byProject = running;
    },
    pauseMs: (failed) => (failed ? RETRY_MS : REFRESH_MS),
    what: "reading running experiments",
    bus,
    logger,
  });

  return {
    start: () => table.start(),
    close: () => table.close(),
    assign(projectId, unit) {
      if (table.failing()) return undefined;
      for (const { id, rule, rankings: arms } of byProject.get(projectId) ?? []) {
        const { variation_index: index } = assignVariation(rule, unit);
        if (index === null) continue;
        return { experimentId: id, variationIndex: index, ranking: arms[index] };
      }
      return undefined;
    },
    rankingOf: (projectId) => rankings.get(projectId),
    degraded: () => table.failing(),
  };
}

async function readRankings(
  experiments: Pick<Experiments, "rankings">,
): Promise<Map<number, RankingVariant>> {
  const byProject = new Map<number, RankingVariant>();
  for (let offset = 0; ; offset += PAGE) {
    const { rows } = await experiments.rankings({ offset, limit: PAGE });
    for (const { project_id, ranking } of rows) byProject.set(project_id, ranking);
    if (rows.length < PAGE) return byProject;
  }
}

/** Of all projects, in the order in which they were created. */
async function readRunning(experiments: Pick<Experiments, "list">): Promise<Experiment[]> {
  const byId = new Map<string, Experiment>();
  for (let offset = 0; ; offset += PAGE) {
    const page = await experiments.list({ status: "running", offset, limit: PAGE });
    // One that starts meanwhile moves the others back: the same row may come twice.
    for (const row of page.rows) byId.set(row.id, row);
    if (page.rows.length < PAGE) break;
  }
  return [...byId.values()].toReversed();
}

function groupByProject(rows: readonly Experiment[]): Map<number, Running[]> {
  const groups = new Map<number, Running[]>();
  for (const { id, project_id, variations, ...rest } of rows) {
    const rankings = variations.map((variation) => variation.ranking);
    if (rankings.every((ranking) => ranking === undefined)) continue;
    const { hash_seed, hash_version, coverage, namespace } = rest;
    const weights = variations.map(({ weight }) => weight);
    const rule = { hash_seed, hash_version, coverage, namespace, weights };
    groups.set(project_id, [...(groups.get(project_id) ?? []), { id, rule, rankings }]);
  }
  return groups;
}
