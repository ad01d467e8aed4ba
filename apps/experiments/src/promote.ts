import { ServiceError, subjects, type promotedVariation } from "@signalpath/contracts";
import { mergeVariants } from "@signalpath/domain";
import type { ProjectRanking } from "@signalpath/ports";
import type { HeaderValues } from "@signalpath/service-kit";
import type { z } from "zod";

import type { Call, Context } from "./context.ts";
import { noExperiment, shownExperiment } from "./experiments.ts";
import { withReuseNamed } from "./once.ts";

/** Gives everybody one variation. @throws ServiceError; UnavailableError. */
export function createPromoteVerbs({
  experiments,
  known,
  announce,
}: Pick<Context, "experiments" | "known" | "announce">) {
  const rankingOf = async (project_id: number): Promise<ProjectRanking | undefined> =>
    (await experiments.rankings({ project_id, offset: 0, limit: 1 })).rows[0];
  const own = async (projectId: number, id: string) => {
    const found = await experiments.get(id);
    if (found?.project_id !== projectId) throw noExperiment();
    return found;
  };
  const tell = async (projectId: number, id: string, traceHeaders: HeaderValues) => {
    known.forget(id);
    const { status } = await own(projectId, id);
    const changed = { project_id: projectId, experiment_id: id, status };
    await announce(subjects.experimentChanged, changed, traceHeaders);
  };
  return {
    /**
     * The experiment stops, and what the variation changes of a ranking is what the project ranks
     * by: laid over what it ranked by before, as it was for the users of the variation. The control
     * leaves the project's ranking as it is. A retry of one Idempotency-Key writes nothing.
     */
    async promote(
      { projectId, once, traceHeaders }: Call,
      id: string,
      index: number,
    ): Promise<z.output<typeof promotedVariation>> {
      await own(projectId, id);
      const promoted = await withReuseNamed(() =>
        experiments.promote(
          id,
          ({ status, variations }, ranking) => {
            if (status !== "running" && status !== "stopped") {
              throw new ServiceError("CONFLICT", `nothing of a ${status} experiment is promoted`);
            }
            const winner = variations.find((one) => one.index === index);
            if (winner === undefined) throw noVariation();
            const over = winner.ranking;
            return {
              variation_index: index,
              ranking: over === undefined ? undefined : mergeVariants(ranking, over),
            };
          },
          once,
        ),
      );
      if (promoted === undefined) throw noExperiment();
      await tell(projectId, id, traceHeaders);
      const { experiment, ranking } = promoted;
      return { experiment: shownExperiment(experiment), ranking: shownRanking(ranking) };
    },
    /** What the project ranks by, when it comes from this experiment. */
    async state(projectId: number, id: string) {
      await own(projectId, id);
      const ranking = await rankingOf(projectId);
      return { ranking: shownRanking(ranking?.experiment_id === id ? ranking : null) };
    },
    /** The project ranks as it ships again. @throws ServiceError CONFLICT: it ranks by another one. */
    async undo(projectId: number, id: string, traceHeaders: HeaderValues) {
      await own(projectId, id);
      const ranking = await rankingOf(projectId);
      if (ranking !== undefined && ranking.experiment_id !== id) {
        throw new ServiceError("CONFLICT", "the project ranks by another experiment");
      }
      await experiments.setRanking(projectId, null);
      await tell(projectId, id, traceHeaders);
      return { ranking: null };
    },
  };
}

function noVariation(): ServiceError {
  const message = "the experiment has no such variation";
  const issues = [{ path: "variation_index", message }];
  return new ServiceError("VALIDATION_FAILED", message, { issues });
}

function shownRanking(row: ProjectRanking | null): z.output<typeof promotedVariation>["ranking"] {
  if (row === null) return null;
  const { project_id, ...rest } = row;
  return { ...rest, project: project_id };
}
