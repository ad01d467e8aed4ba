import { pageOf, trainedModel, trainedModelVersion } from "@signalpath/contracts";
import type { Command } from "commander";
import type { z } from "zod";

import { wholeNumber } from "../arguments.ts";
import { printFacts, printJson, printTable, type Io } from "../io.ts";
import { openService } from "../service.ts";
import { shortened } from "../terminal-text.ts";
import { fileCommands } from "./file-commands.ts";

const PATH = "/api/v1/trained_model/";
type Model = z.output<typeof trainedModel>;

/** `signalpath models list | show | promote | verify | sign | register` */
export function modelsCommand(program: Command, io: Io): void {
  const models = program.command("models").description("trained models and their artefacts");
  models
    .command("list")
    .description("models and what their newest training does")
    .option("--project <id>", "project; all when absent", wholeNumber(1))
    .option("--page <n>", "page", wholeNumber(1), 1)
    .action(async (flags: { project?: number; page: number }, command: Command) => {
      const { client, json } = await openService(io, command, "admin_key");
      const response = pageOf(trainedModel);
      const page = await client.call({ method: "GET", path: PATH, query: { ...flags }, response });
      if (json) return printJson(io, page);
      printTable(
        io,
        ["id", "name", "project", "kind", "serves", "newest run", "ndcg@20"],
        page.results.map((model) => [
          model.id,
          shortened(model.name, 18),
          model.project,
          model.kind,
          model.version ?? "-",
          stateOf(model),
          measured(model.metrics),
        ]),
      );
      io.out(`${page.results.length} of ${page.count}\n`);
    });
  models
    .command("show")
    .description("one model and its versions, newest first")
    .argument("<id>", "id of `models list`", wholeNumber(1))
    .option("--page <n>", "page of versions", wholeNumber(1), 1)
    .action(async (id: number, { page }: { page: number }, command: Command) => {
      const { client, json } = await openService(io, command, "admin_key");
      const model = await client.call({
        method: "GET",
        path: `${PATH}${id}/`,
        response: trainedModel,
      });
      const versions = await client.call({
        method: "GET",
        path: `${PATH}${id}/versions/`,
        query: { page },
        response: pageOf(trainedModelVersion),
      });
      if (json) return printJson(io, { ...model, versions });
      showModel(io, model);
      printTable(
        io,
        ["version", "kind", "ndcg@20", "rows", "made", "bytes", "serves"],
        versions.results.map((version) => [
          version.version,
          version.kind,
          measured(version.metrics),
          version.data_rows,
          version.created_at.slice(0, 16).replace("T", " "),
          version.bytes,
          version.serving ? "yes" : "",
        ]),
      );
      io.out(`${versions.results.length} of ${versions.count}\n`);
    });
  models
    .command("promote")
    .description("let a version serve from now on, also an older one")
    .argument("<id>", "id of `models list`", wholeNumber(1))
    .argument("<version>", "version of `models show`", wholeNumber(1))
    .action(async (id: number, version: number, _flags: object, command: Command) => {
      const { client, json } = await openService(io, command, "admin_key");
      const path = `${PATH}${id}/promote/`;
      const how = { method: "POST", path, body: { version } } as const;
      const model = await client.call({ ...how, response: trainedModel });
      if (json) printJson(io, model);
      else io.out(`model ${id}: version ${model.version} serves\n`);
    });
  fileCommands(models, io);
}

function showModel(io: Io, model: Model): void {
  printFacts(io, [
    ["model", model.id],
    ["name", model.name],
    ["project", model.project],
    ["kind", model.kind],
    ["serves", model.version ?? "-"],
    ["newest run", `${model.training_run ?? "-"} ${stateOf(model)}`],
    ...(model.error === null
      ? []
      : [["error", `${model.error_code ?? "-"}: ${model.error}`] as const]),
    ["file", model.file ?? "-"],
    ["sha256", model.sha256 ?? "-"],
  ]);
}

function stateOf({ status, progress }: Model): string {
  return status === "RUNNING" ? `RUNNING ${Math.round(progress * 100)} %` : status;
}

function measured(metrics: Record<string, unknown>): string {
  const value = metrics["ndcg@20"];
  return typeof value === "number" ? value.toFixed(4) : "-";
}
