import { RefusedError, type TrainingRow, type TrainingRun } from "@signalpath/ports";

import type { Context } from "../context.ts";
import { TrainingError } from "../errors.ts";
import type { Training } from "../open-training.ts";
import { readArchive } from "./read-archive.ts";

/** Rows handed over at a time. */
const BATCH = 2_000;

/** What the row of a run says about its data. */
export interface Fed {
  rows: number;
  /** Of an upload; absent for the archive, whose digest is that of the interactions. */
  digest?: string;
}

/**
 * Hands a training the rows of its run, no faster than it takes them.
 * @param onRows hears how many there were so far, and of how many where that is known.
 * @throws TrainingError UPLOAD_GONE, TOO_MANY_ROWS; UnavailableError.
 */
export async function feed(
  ctx: Context,
  run: TrainingRun,
  training: Pick<Training, "rows">,
  { signal, onRows }: { signal: AbortSignal; onRows: (rows: number, of?: number) => void },
): Promise<Fed> {
  return run.spec.source === "archive"
    ? feedArchive(ctx, run, training, { signal, onRows })
    : feedUpload(ctx, run, training, { signal, onRows });
}

type Feeding = { signal: AbortSignal; onRows: (rows: number, of?: number) => void };

async function feedArchive(
  ctx: Context,
  run: TrainingRun,
  training: Pick<Training, "rows">,
  { signal, onRows }: Feeding,
): Promise<Fed> {
  let taken = 0;
  const waiting: Record<"user" | "device", TrainingRow[]> = { user: [], device: [] };
  const flush = async (kind: "user" | "device") => {
    if (waiting[kind].length === 0) return;
    const rows = waiting[kind].splice(0);
    await training.rows(rows, kind === "device");
    onRows((taken += rows.length));
  };
  const range = {
    untilMs: Date.parse(run.created_at),
    maxEvents: ctx.options.maxEventsOfPerson,
  };
  for await (const { rows, anonymous } of readArchive(ctx, run.project_id, range)) {
    signal.throwIfAborted();
    const kind = anonymous ? "device" : "user";
    waiting[kind].push(...rows);
    refuseMore(ctx, taken + waiting.user.length + waiting.device.length);
    if (waiting[kind].length >= BATCH) await flush(kind);
  }
  await flush("user");
  await flush("device");
  return { rows: taken };
}

async function feedUpload(
  ctx: Context,
  { spec }: TrainingRun,
  training: Pick<Training, "rows">,
  { signal, onRows }: Feeding,
): Promise<Fed> {
  const id = spec.training_data_id;
  const upload = id === null ? undefined : await ctx.trainingData.get(id);
  if (id === null || upload === undefined) {
    throw new TrainingError("UPLOAD_GONE", "the upload this run is about is not there");
  }
  refuseMore(ctx, upload.rows);
  let taken = 0;
  try {
    for await (const rows of ctx.trainingData.read(id)) {
      signal.throwIfAborted();
      for (let at = 0; at < rows.length; at += BATCH) {
        const batch = rows.slice(at, at + BATCH);
        await training.rows(batch, false);
        onRows((taken += batch.length), upload.rows);
      }
    }
  } catch (cause) {
    if (!(cause instanceof RefusedError)) throw cause;
    throw new TrainingError("UPLOAD_GONE", "the upload was removed while it was read", { cause });
  }
  return { rows: taken, digest: upload.digest };
}

/** Before anything of that size is there. */
function refuseMore({ options }: Context, rows: number): void {
  if (rows <= options.maxRows) return;
  throw new TrainingError("TOO_MANY_ROWS", `more than ${options.maxRows} rows`);
}
