import { isDeepStrictEqual } from "node:util";

import {
  ServiceError,
  subjects,
  type experimentBody,
  type ExperimentBody,
  type experimentChanges,
} from "@signalpath/contracts";
import type { Experiment, ExperimentDefinition, ExperimentStatus } from "@signalpath/ports";
import type { HeaderValues } from "@signalpath/service-kit";
import type { z } from "zod";

import type { Context } from "./context.ts";

type Changes = z.output<typeof experimentChanges>;

/** What may follow on a status. */
const NEXT: Record<ExperimentStatus, readonly ExperimentStatus[]> = {
  draft: ["running", "archived"],
  running: ["stopped", "archived"],
  stopped: ["running", "archived"],
  archived: [],
};

/** Parts of the rule that gave users their variation: with another one they would move. */
const FROZEN = ["variations", "hash_seed", "hash_version", "namespace"] as const;

/** Create, read and change experiments. @throws ServiceError; UnavailableError. */
export function createExperimentVerbs(
  ctx: Pick<Context, "experiments" | "known" | "announce" | "kit" | "learning">,
) {
  const { experiments, known, announce, kit, learning } = ctx;

  const tell = (row: Experiment, traceHeaders: HeaderValues): Promise<void> => {
    const { project_id, id: experiment_id, status } = row;
    return announce(
      subjects.experimentChanged,
      { project_id, experiment_id, status },
      traceHeaders,
    );
  };

  return {
    async create(
      projectId: number,
      body: z.output<typeof experimentBody>,
      traceHeaders: HeaderValues,
    ): Promise<ExperimentBody> {
      if (hasBandit(body)) await learning.enable(projectId);
      const id = kit.newId();
      const row = await experiments.create({
        ...body,
        id,
        project_id: projectId,
        hash_seed: body.hash_seed ?? id,
      });
      known.forget(id);
      await tell(row, traceHeaders);
      return shownExperiment(row);
    },

    async change(
      projectId: number,
      id: string,
      changes: Changes,
      traceHeaders: HeaderValues,
    ): Promise<ExperimentBody> {
      const row = await experiments.update(id, (current) => {
        if (current.project_id !== projectId) throw noExperiment();
        return allowed(current, changes);
      });
      if (row === undefined) throw noExperiment();
      if (hasBandit(changes)) await learning.enable(projectId);
      known.forget(id);
      await tell(row, traceHeaders);
      return shownExperiment(row);
    },
  };
}

export const noExperiment = (): ServiceError =>
  new ServiceError("EXPERIMENT_NOT_FOUND", "no such experiment");

function allowed(
  current: Experiment,
  changes: Changes,
): Partial<ExperimentDefinition> & { status?: ExperimentStatus } {
  const { status } = changes;
  if (status !== undefined && status !== current.status && !NEXT[current.status].includes(status)) {
    throw new ServiceError(
      "CONFLICT",
      `an experiment that is ${current.status} cannot become ${status}`,
    );
  }
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  if (current.status === "archived" && given.some(([name]) => name !== "status")) {
    throw new ServiceError("CONFLICT", "an archived experiment stays as it is");
  }
  if (current.status !== "draft") assertSameRule(current, changes);
  return Object.fromEntries(given);
}

function assertSameRule(current: Experiment, changes: Changes): void {
  const isRunning = current.status === "running";
  const moved: string[] = FROZEN.filter((name) => {
    const next = changes[name];
    return next !== undefined && !isDeepStrictEqual(next, current[name]);
  });
  if (changes.coverage !== undefined && changes.coverage < current.coverage) moved.push("coverage");
  if (moved.length === 0) return;
  throw new ServiceError(
    isRunning ? "EXPERIMENT_RUNNING" : "CONFLICT",
    `${moved.join(", ")} cannot change ${isRunning ? "while the experiment runs" : "after it ran: counted users would move"}`,
    { issues: moved.map((path) => ({ path, message: "frozen" })) },
  );
}

/** From then on the outcomes of lists are kept, also those that come before the first list. */
function hasBandit({ variations = [] }: Pick<Changes, "variations">): boolean {
  return variations.some(({ ranking }) => ranking?.bandit === true);
}

/** An experiment as callers see it. */
export function shownExperiment({ project_id, ...row }: Experiment): ExperimentBody {
  return { ...row, project: project_id };
}
