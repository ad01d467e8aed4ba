import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { learningExamples, type ModelMetadata } from "@signalpath/contracts";
import { signArtefact } from "@signalpath/model-loader";
import { contentLtr, ModelError } from "@signalpath/models";
import type { Command } from "commander";

import { wholeNumber } from "../arguments.ts";
import { CliError, EXIT, usageError } from "../exit-codes.ts";
import { printFacts, printJson, type Io } from "../io.ts";
import { signingWith, writeArtefactFile } from "../models/files.ts";
import { openKeyRing } from "../models/key-ring.ts";
import { openService } from "../service.ts";
import type { GlobalOptions } from "../settings.ts";

type Encoded = ReturnType<typeof contentLtr.fromTreesText>;

/** `signalpath learning train | wrap-trees`: rankers as signed files, for `models register`. */
export function artefactCommands(learning: Command, io: Io): void {
  learning
    .command("train")
    .description("train a logistic ranker (FTRL) from what was observed, into a signed file")
    .requiredOption("--out <file>", ".spm; must not exist")
    .option("--project <id>", "project; the key's when absent", wholeNumber(1))
    .action(async (flags: { out: string; project?: number }, command: Command) => {
      const { client } = await openService(io, command, "api_key");
      const { examples } = await client.call({
        method: "GET",
        path: "/api/v1/learning/examples/",
        query: { project: flags.project },
        response: learningExamples,
      });
      if (examples.length === 0) {
        throw new CliError(
          "NO_DATA",
          "no impression of a learner's list was observed yet",
          EXIT.refused,
        );
      }
      // Oldest first: what came last weighs most in an online learner.
      const labelled = examples.toReversed().map(({ x, reward }) => ({ x, label: reward > 0 }));
      const digest = createHash("sha256").update(JSON.stringify(examples)).digest("hex");
      await write(io, command, flags.out, contentLtr.train(labelled), {
        rows: examples.length,
        digest,
      });
    });
  learning
    .command("wrap-trees")
    .description("put a LightGBM text model into a signed file")
    .argument("<file>", "as Booster.save_model writes it")
    .requiredOption("--out <file>", ".spm; must not exist")
    .action(async (path: string, flags: { out: string }, command: Command) => {
      const text = await readText(path);
      try {
        const digest = createHash("sha256").update(text).digest("hex");
        const encoded = contentLtr.fromTreesText(text);
        await write(io, command, flags.out, encoded, { rows: 0, digest });
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        throw new CliError(error.code, `${path}: ${error.message}`, EXIT.refused, { cause: error });
      }
    });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw usageError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Ids of its row are put in when it is registered. */
async function write(
  io: Io,
  command: Command,
  out: string,
  { metadata, tensors }: Encoded,
  { rows, digest }: { rows: number; digest: string },
): Promise<void> {
  const globals = command.optsWithGlobals<GlobalOptions>();
  const ring = signingWith(await openKeyRing(io, globals), undefined);
  const full: ModelMetadata = {
    model_id: 1,
    project_id: 1,
    version: 1,
    created_at: new Date(io.now()).toISOString(),
    data_digest: digest,
    rows,
    metrics: {},
    ...metadata,
  };
  const { bytes, row } = signArtefact({ metadata: full, tensors }, ring);
  await writeArtefactFile(out, bytes);
  const facts = { file: out, kind: row.kind, rows, sha256: row.sha256, bytes: bytes.length };
  if (globals.json === true) printJson(io, facts);
  else printFacts(io, Object.entries(facts));
}
