import { RefusedError, type RunLease, type RunResult, type TrainedModel } from "@signalpath/ports";

import type { Context } from "./context.ts";
import { TrainingError } from "./errors.ts";
import { judgePromotion, type Verdict } from "./gate.ts";
import type { Training } from "./open-training.ts";
import { retrying } from "./retrying.ts";
import type { Fed } from "./rows/feed.ts";
import type { Outcome } from "./worker/messages.ts";

/** Version numbers tried when others register versions of the same model meanwhile. */
const TRIES = 3;

export interface Registered {
  version: RunResult["version"];
  verdict: Verdict;
}

/**
 * Signs, writes the file whole, and only then says in one transaction that run and version are
 * there. The file's time is that of the request, so that the same run gives the same bytes again.
 * @returns undefined when the run is no longer this worker's.
 * @throws TrainingError, UnavailableError.
 */
export async function register(
  ctx: Context,
  lease: RunLease,
  training: Pick<Training, "sign">,
  {
    outcome,
    fed,
    damaged,
    signal,
  }: { outcome: Outcome; fed: Fed; damaged: number | undefined; signal: AbortSignal },
): Promise<Registered | undefined> {
  const { modelCatalogue, modelFiles, trainingRuns, options } = ctx;
  const { run } = lease;
  const again = { pausesMs: options.retryPausesMs, signal };
  for (let tries = 1; ; tries++) {
    const model = await retrying(() => modelCatalogue.get(run.trained_model_id), again);
    if (model === undefined) throw new TrainingError("MODEL_GONE", "the model was taken away");
    const data_digest = fed.digest ?? outcome.digest;
    const version = model.last_version + 1;
    const signed = await training.sign({
      model_id: model.id,
      project_id: run.project_id,
      version,
      created_at: run.created_at,
      data_digest,
      ...(ctx.gitVersion === undefined ? {} : { git_version: ctx.gitVersion }),
    });
    await retrying(() => modelFiles.writer.write(signed.file, signed.bytes), again);
    const serving = { version: model.version, damaged };
    const verdict = judgePromotion(run.spec.promotion, outcome, serving);
    const result: RunResult = {
      version: {
        ...rowOf(ctx, model, outcome),
        version,
        data_digest,
        file: signed.file,
        sha256: signed.sha256,
        bytes: signed.bytes.length,
      },
      serve: verdict.serve,
      metrics: metricsOf(outcome, verdict),
    };
    try {
      const done = await retrying(() => trainingRuns.complete(lease, result), again);
      if (done || (await wasCompleted(ctx, run.id, version))) {
        return { version: result.version, verdict };
      }
      return undefined;
    } catch (error) {
      const now = await modelCatalogue.get(model.id);
      const wasOvertaken = now !== undefined && now.last_version !== model.last_version;
      if (!(error instanceof RefusedError) || !wasOvertaken || tries === TRIES) throw error;
    }
  }
}

/** A commit whose answer was lost looks like a lease that is gone. */
async function wasCompleted(ctx: Context, runId: number, version: number): Promise<boolean> {
  const run = await ctx.trainingRuns.get(runId);
  return run?.status === "COMPLETED" && run.version === version;
}

function rowOf({ gitVersion }: Context, model: TrainedModel, outcome: Outcome) {
  const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  return {
    trained_model_id: model.id,
    project_id: model.project_id,
    kind: outcome.kind,
    parameters: outcome.parameters,
    metrics: outcome.metrics,
    data_rows: outcome.rows,
    data_from: iso(outcome.dataFrom),
    data_to: iso(outcome.dataTo),
    git_version: gitVersion ?? null,
  };
}

/** What the row of the run keeps beside the version's metrics. */
function metricsOf(outcome: Outcome, gate: Verdict): RunResult["metrics"] {
  const { metrics, evaluation, search, live, users, items, tensorsSha256 } = outcome;
  return {
    ...metrics,
    ...(evaluation === undefined ? {} : { evaluation }),
    ...(search === undefined ? {} : { search }),
    ...(live === undefined ? {} : { live }),
    users,
    items,
    tensors_sha256: tensorsSha256,
    gate,
  };
}
