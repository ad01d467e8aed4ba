import { createReadStream } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { join } from "node:path";

import { ServiceError } from "@signalpath/contracts";
import type { TrainingRow } from "@signalpath/ports";
import { openTrainingFile, trainingFileFormat } from "@signalpath/service-kit";

import { CliError, EXIT, usageError } from "../exit-codes.ts";

/**
 * Interactions of a csv, tsv, json or jsonl file (`.gz` too), or of a folder with MovieLens'
 * `ratings.csv`: read as an upload of training data is. A pair that comes again has the largest of
 * its weights and the latest of its times, so that no split can have it on both sides.
 * @throws CliError naming the rows that are wrong.
 */
export async function readRows(path: string): Promise<TrainingRow[]> {
  const file = await fileOf(path);
  const format = trainingFileFormat(file);
  if (format === undefined) {
    throw usageError(`${path}: a .csv, .tsv, .json, .jsonl or .ndjson file (.gz too) is needed`);
  }
  const rows = new Map<string, TrainingRow>();
  try {
    const { batches } = await openTrainingFile(createReadStream(file), { format });
    for await (const batch of batches) {
      for (const row of batch) take(rows, row);
    }
  } catch (error) {
    throw readError(path, error);
  }
  return [...rows.values()];
}

/**
 * The file itself, or what a folder has to say.
 * @throws CliError when it is not there or may not be read.
 */
export async function fileOf(path: string): Promise<string> {
  try {
    const isFolder = (await stat(path)).isDirectory();
    const file = isFolder ? join(path, "ratings.csv") : path;
    if (isFolder && !(await isFile(file))) throw usageError(`${path}: it has no ratings.csv`);
    await access(file, constants.R_OK);
    return file;
  } catch (cause) {
    throw readError(path, cause);
  }
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}

/** What the reader of uploads says is said of a file here: none is sent, none is stored. */
function ofFile(message: string): string {
  return message
    .replace(/, nothing was stored$/, "")
    .replace(/^the upload was cut off$/, "the file could not be read to its end");
}

/** What a person can do about a file that cannot be read. */
export function readError(path: string, error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof ServiceError) {
    const [first] = error.issues ?? [];
    const where = first === undefined ? "" : `; ${first.path}: ${first.message}`;
    return new CliError(error.code, `${path}: ${ofFile(error.message)}${where}`, EXIT.usage, {
      cause: error,
      ...(error.issues === undefined ? {} : { details: { errors: error.issues } }),
    });
  }
  return usageError(`${path} cannot be read: ${(error as Error).message}`);
}

function take(rows: Map<string, TrainingRow>, row: TrainingRow): void {
  const pair = `${row.user_id}\0${row.item_id}`;
  const known = rows.get(pair);
  if (known === undefined) return void rows.set(pair, row);
  known.weight = Math.max(known.weight, row.weight);
  if (row.time !== undefined) known.time = Math.max(known.time ?? row.time, row.time);
}
