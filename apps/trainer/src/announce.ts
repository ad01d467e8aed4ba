import { subjects } from "@signalpath/contracts";
import type { RunStatus, TrainedModelVersion, TrainingRun } from "@signalpath/ports";
import { publishTraced } from "@signalpath/service-kit";

import type { Context } from "./context.ts";

type Bus = Pick<Context, "bus" | "kit" | "tracing">;

/**
 * Tells how far a run is. Nobody depends on it: the row says the same, so a bus that is away is
 * logged and that is all.
 */
export async function announceProgress(
  { bus, kit, tracing }: Bus,
  { id, project_id, trained_model_id }: TrainingRun,
  state: { status: RunStatus; progress: number; stage: string | null },
): Promise<void> {
  const message = { project_id, training_run_id: id, trained_model_id, ...state };
  try {
    await publishTraced(bus, tracing, subjects.trainingProgress, message);
  } catch (err) {
    kit.logger.warn({ err, training_run: id }, "progress was not announced");
  }
}

/** Tells gateways that another version serves; those that miss it re-read the catalogue. */
export async function announceTrained(
  { bus, kit, tracing }: Bus,
  version: Pick<TrainedModelVersion, "trained_model_id" | "project_id" | "version" | "sha256">,
): Promise<void> {
  const { trained_model_id: model_id, project_id, sha256 } = version;
  const message = {
    event: "model_trained" as const,
    model_id,
    project_id,
    version: version.version,
    sha256,
  };
  try {
    const id = `model-${model_id}-${version.version}-${sha256.slice(0, 12)}`;
    await publishTraced(bus, tracing, subjects.modelTrained, message, { id });
  } catch (err) {
    kit.logger.warn(
      { err, model: model_id },
      "a new version was not announced; gateways see it at their next reading",
    );
  }
}
