import { EMBEDDING_KIND } from "@signalpath/embeddings";
import { RefusedError, UnavailableError, type RunLease } from "@signalpath/ports";

import { announceProgress, announceTrained } from "./announce.ts";
import type { Context } from "./context.ts";
import { openEmbeddingTraining } from "./embedding/open-embedding-training.ts";
import { keepLease, type LeaseKeeper, type RunStage } from "./keep-lease.ts";
import { loadLive } from "./load-live.ts";
import { openTraining, type TrainingListener } from "./open-training.ts";
import { register } from "./register.ts";
import { feed } from "./rows/feed.ts";
import type { Outcome } from "./worker/messages.ts";

export type Ending = "completed" | "failed" | "cancelled" | "released" | "lost";

/**
 * Does a run that was claimed, to one of its ends. Never throws.
 * - completed: its version is registered, and announced when it serves.
 * - failed: its row says why; what serves stays.
 * - cancelled, lost: it is no longer this worker's; nothing of it remains but a file no row names.
 * - released: `stop` was aborted; another worker may claim it at once and goes on from what was
 *   found out so far.
 */
export async function performRun(
  ctx: Context,
  lease: RunLease,
  stop: AbortSignal,
): Promise<Ending> {
  const { meters, kit } = ctx;
  const startedAt = kit.now();
  meters.running.inc();
  const lost = new AbortController();
  const keeper = keepLease(ctx, lease, () => lost.abort());
  const signal = AbortSignal.any([stop, lost.signal]);
  let ending: Ending;
  try {
    const registered = await work(ctx, lease, keeper, signal);
    ending = registered ? "completed" : await lostOrCancelled(ctx, lease);
  } catch (error) {
    ending = await endWithout(ctx, lease, keeper, { error, stop, lost: lost.signal });
  } finally {
    await keeper.stop();
    meters.running.dec();
  }
  const result = ending;
  meters.runs.inc({ result });
  meters.durations.observe({ result }, (kit.now() - startedAt) / 1_000);
  if (ending === "completed") meters.lastSuccess.set(kit.now() / 1_000);
  kit.logger.info({ training_run: lease.run.id, result }, "training run ended");
  return ending;
}

async function work(
  ctx: Context,
  lease: RunLease,
  keeper: LeaseKeeper,
  signal: AbortSignal,
): Promise<boolean> {
  const { run } = lease;
  const { options, meters } = ctx;
  keeper.log("info", `attempt ${run.attempt} begins`);
  await keeper.flush();
  signal.throwIfAborted();
  const log: LeaseKeeper["log"] = (level, message) => keeper.log(level, message);
  const { live, damaged } = hasNoRival(run.spec)
    ? {}
    : await loadLive(ctx, run.trained_model_id, { log, signal });
  const job = {
    spec: run.spec,
    threads: options.threads,
    memoryLimitBytes: options.memoryLimitBytes,
    maxRows: options.maxRows,
    signing: ctx.signing,
    checkpoint: lease.checkpoint,
    ...(live === undefined ? {} : { live }),
  };
  const listener: TrainingListener = {
    onProgress: (stage, fraction, checkpoint) =>
      keeper.stage(stage as RunStage, fraction, checkpoint),
    onLog: log,
  };
  const training =
    run.spec.kind === EMBEDDING_KIND
      ? openEmbeddingTraining(ctx, run, listener)
      : openTraining(job, listener);
  const abort = () => void training.close();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const onRows = (rows: number, of?: number) =>
      keeper.stage("reading", of === undefined ? 0.5 : rows / of);
    const fed = await feed(ctx, run, training, { signal, onRows });
    meters.rows.set(fed.rows);
    keeper.log("info", `${fed.rows} rows read`);
    const outcome = await training.train();
    keeper.stage("writing", 0);
    tellOutcome(keeper, outcome);
    // Before the end: afterwards the run takes no more lines.
    await keeper.flush();
    const registered = await register(ctx, lease, training, { outcome, fed, damaged, signal });
    if (registered === undefined) return false;
    const { version, verdict } = registered;
    ctx.kit.logger.info(
      { training_run: run.id, version: version.version, serves: verdict.serve },
      `version registered: ${verdict.reason}`,
    );
    if (verdict.serve) await announceTrained(ctx, version);
    await announceProgress(ctx, run, { status: "COMPLETED", progress: 1, stage: null });
    return true;
  } finally {
    signal.removeEventListener("abort", abort);
    await training.close();
  }
}

/** Nothing is held out, so what serves is not read to be compared with. */
function hasNoRival({ split, kind }: RunLease["run"]["spec"]): boolean {
  return split === "none" || kind === EMBEDDING_KIND;
}

function tellOutcome(keeper: LeaseKeeper, outcome: Outcome): void {
  const { kind, users, items, metrics, evaluation } = outcome;
  keeper.log("info", `${kind} fitted on ${users} people, ${items} items`);
  if (evaluation === undefined) return;
  keeper.log("info", `ndcg@20 ${metrics["ndcg@20"]} on what was held out`);
  for (const [name, { difference, verdict }] of Object.entries(evaluation.baselines)) {
    if (verdict === "behind") keeper.log("warn", `${name} is better, by ${-difference.mean}`);
  }
}

async function endWithout(
  ctx: Context,
  lease: RunLease,
  keeper: LeaseKeeper,
  { error, stop, lost }: { error: unknown; stop: AbortSignal; lost: AbortSignal },
): Promise<Ending> {
  const { trainingRuns, kit } = ctx;
  const { run } = lease;
  try {
    if (lost.aborted) return await lostOrCancelled(ctx, lease);
    if (stop.aborted) {
      keeper.log("info", "given back, since its trainer stops");
      await keeper.flush();
      return (await trainingRuns.release(lease)) ? "released" : await lostOrCancelled(ctx, lease);
    }
    const failure = failureOf(error);
    kit.logger.error({ err: error, training_run: run.id }, "a training run failed");
    keeper.log("error", `${failure.error_code}: ${failure.error}`);
    await keeper.flush();
    if (!(await trainingRuns.fail(lease, failure))) return await lostOrCancelled(ctx, lease);
    await announceProgress(ctx, run, { status: "FAILED", progress: 0, stage: null });
    return "failed";
  } catch (err) {
    // Its lease ends, and whoever claims it then goes on.
    kit.logger.warn({ err, training_run: run.id }, "the end of a run could not be stored");
    return "lost";
  }
}

async function lostOrCancelled(ctx: Context, { run }: RunLease): Promise<Ending> {
  const now = await ctx.trainingRuns.get(run.id);
  if (now?.status !== "CANCELLED") return "lost";
  await announceProgress(ctx, run, { status: "CANCELLED", progress: now.progress, stage: null });
  return "cancelled";
}

/** What a row may say of an error: no path, no query, no stack. */
function failureOf(error: unknown): { error_code: string; error: string } {
  if (error instanceof UnavailableError) {
    return { error_code: "UNAVAILABLE", error: `${error.dependency} was away` };
  }
  if (error instanceof RefusedError) return { error_code: "REFUSED", error: error.message };
  const { code, message } = error as Error & { code?: unknown };
  if (typeof code !== "string" || code === "INTERNAL" || code === "WORKER_FAILED") {
    return { error_code: "INTERNAL", error: "an internal error; the log of the trainer says more" };
  }
  return { error_code: code, error: message.slice(0, 2_000) };
}
