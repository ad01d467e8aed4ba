import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";

import { trainingData } from "@signalpath/contracts";
import { trainingFileFormat } from "@signalpath/service-kit";
import type { z } from "zod";

import type { Client } from "../client.ts";
import { fileOf } from "../evaluate/read-rows.ts";
import { usageError } from "../exit-codes.ts";

export type TrainingData = z.output<typeof trainingData>;

/** Names of a file's columns where they are not ours. */
export interface Columns {
  userColumn?: string;
  itemColumn?: string;
  weightColumn?: string;
  timeColumn?: string;
}

/**
 * Sends a csv, tsv, json or jsonl file (`.gz` too), or the `ratings.csv` of a MovieLens folder.
 * @throws CliError when it cannot be read, or with the rows the service refuses.
 */
export async function uploadInteractions(
  client: Client,
  path: string,
  project: number,
  columns: Columns = {},
): Promise<TrainingData> {
  const file = await fileOf(path);
  if (trainingFileFormat(file) === undefined) {
    throw usageError(`${path}: a .csv, .tsv, .json, .jsonl or .ndjson file (.gz too) is needed`);
  }
  return client.call({
    method: "POST",
    path: "/api/v1/training_data/",
    query: {
      project,
      filename: basename(file),
      user_column: columns.userColumn,
      item_column: columns.itemColumn,
      weight_column: columns.weightColumn,
      time_column: columns.timeColumn,
    },
    raw: () => ({
      body: Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>,
      type: "application/octet-stream",
    }),
    once: true,
    response: trainingData,
  });
}
