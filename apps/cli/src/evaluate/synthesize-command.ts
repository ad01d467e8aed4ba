import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import { plantedRows, type PlantedOptions } from "@signalpath/domain";
import { createRandom } from "@signalpath/models";
import { InvalidArgumentError, type Command } from "commander";

import { seedNumber, wholeNumber } from "../arguments.ts";
import { usageError } from "../exit-codes.ts";
import { printFacts, printJson, type Io } from "../io.ts";
import type { GlobalOptions } from "../settings.ts";

interface Flags extends Omit<PlantedOptions, "random"> {
  seed: number;
}

/** Rows joined before they are written. */
const BLOCK = 5_000;
/** Times of rows count from here. */
const START_MS = Date.UTC(2025, 0, 1);

/** `signalpath synthesize <file>` */
export function synthesizeCommand(program: Command, io: Io): void {
  program
    .command("synthesize")
    .description("write made-up interactions with latent groups, to try models on")
    .argument("<file>", ".csv or .csv.gz: user_id, item_id, weight, timestamp")
    .option("--users <n>", "people", wholeNumber(1), 1_000)
    .option("--items <n>", "items", wholeNumber(1), 500)
    .option("--interactions <n>", "distinct pairs", wholeNumber(1), 50_000)
    .option("--groups <n>", "latent groups of people and items", wholeNumber(1), 20)
    .option("--structure <share>", "of a person's items from their group; 0: none", share, 0.8)
    .option("--seed <n>", "of every random number", seedNumber, 1)
    .action(async (file: string, { seed, ...flags }: Flags, command: Command) => {
      if (!/\.csv(?:\.gz)?$/.test(file)) throw usageError(`${file}: .csv or .csv.gz is written`);
      const { users, items, interactions, groups, structure } = flags;
      const planted = { users, items, interactions, groups, structure };
      const source = blocks({ ...planted, random: createRandom(seed, "planted") });
      try {
        const lines = Readable.from(source);
        const target = createWriteStream(file);
        if (file.endsWith(".gz")) await pipeline(lines, createGzip(), target);
        else await pipeline(lines, target);
      } catch (error) {
        if (error instanceof RangeError) throw usageError(error.message);
        throw error;
      }
      const facts = { file, ...planted, seed };
      if (command.optsWithGlobals<GlobalOptions>().json === true) printJson(io, facts);
      else printFacts(io, Object.entries(facts));
    });
}

function* blocks(options: PlantedOptions): Generator<string> {
  let lines = ["user_id,item_id,weight,timestamp"];
  for (const { user_id, item_id, weight, time } of plantedRows(options)) {
    lines.push(`${user_id},${item_id},${weight},${Math.floor((START_MS + time) / 1_000)}`);
    if (lines.length < BLOCK) continue;
    yield `${lines.join("\n")}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join("\n")}\n`;
}

function share(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError("a number from 0 to 1 is needed");
}
