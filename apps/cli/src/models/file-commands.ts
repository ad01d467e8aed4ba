import { createHash } from "node:crypto";

import { trainedModelVersion } from "@signalpath/contracts";
import { artefactPath, type VerifiedArtefact } from "@signalpath/model-loader";
import type { Command } from "commander";

import { wholeNumber } from "../arguments.ts";
import { printFacts, printJson, type Io } from "../io.ts";
import { openService } from "../service.ts";
import type { GlobalOptions } from "../settings.ts";
import { readArtefact, signingWith, verifyFile, writeSigned } from "./files.ts";
import { openKeyRing } from "./key-ring.ts";

interface RegisterFlags {
  project?: number;
  model?: number;
  name?: string;
  serve?: boolean;
}

/** `signalpath models verify | sign | register`: what is done with artefacts as files. */
export function fileCommands(models: Command, io: Io): void {
  models
    .command("verify")
    .description("check signature and contents of an artefact; no service is needed")
    .argument("<file>", ".spm")
    .action(async (path: string, _flags: object, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      const found = await verifyFile(path, await openKeyRing(io, globals));
      const { sha256, kid } = found;
      show(io, globals, { verified: true, file: path, sha256, kid, ...described(found) });
    });
  models
    .command("sign")
    .description("verify an artefact and sign it anew, into another file")
    .argument("<file>", ".spm")
    .requiredOption("--out <file>", "where to; must not exist")
    .option("--key-id <kid>", "key of MODEL_SIGNING_KEYS; the first that can sign when absent")
    .action(async (path: string, flags: { out: string; keyId?: string }, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      const ring = await openKeyRing(io, globals);
      const signs = signingWith(ring, flags.keyId);
      const found = await verifyFile(path, ring);
      const bytes = await writeSigned(flags.out, found, signs);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const { model_id, version } = found.metadata;
      show(io, globals, {
        file: flags.out,
        sha256,
        bytes: bytes.length,
        kid: signs.signer?.kid ?? "-",
        catalogue_file: artefactPath({ model_id, version, sha256 }),
      });
    });
  models
    .command("register")
    .description("hand an artefact that was trained elsewhere to a service")
    .argument("<file>", ".spm")
    .option("--project <id>", "project", wholeNumber(1))
    .option("--model <id>", "as its next version; a new model when absent", wholeNumber(1))
    .option("--name <name>", "of a new model")
    .option("--serve", "it serves from now on")
    .action(async (path: string, flags: RegisterFlags, command: Command) => {
      const { client, settings, json } = await openService(io, command, "admin_key");
      const bytes = await readArtefact(path);
      const row = await client.call({
        method: "POST",
        path: "/api/v1/trained_model/import/",
        query: {
          project: flags.project ?? settings.projectId,
          trained_model: flags.model,
          name: flags.name,
          serve: flags.serve === true ? "true" : undefined,
        },
        raw: () => ({ body: bytes, type: "application/octet-stream" }),
        once: true,
        response: trainedModelVersion,
      });
      const { trained_model: model, version, kind, serving, file, sha256 } = row;
      if (json) return printJson(io, row);
      show(io, {}, { model, version, kind, serving, file, sha256 });
    });
}

function described({ metadata, tensors }: VerifiedArtefact) {
  const { hyperparameters, metrics, ...rest } = metadata;
  return { ...rest, tensors: tensors.size, hyperparameters, metrics };
}

function show(io: Io, { json }: GlobalOptions, facts: Record<string, unknown>): void {
  if (json === true) return printJson(io, facts);
  printFacts(
    io,
    Object.entries(facts).map(([name, value]) => [
      name.replaceAll("_", " "),
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
