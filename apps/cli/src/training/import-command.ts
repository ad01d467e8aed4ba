import type { Command } from "commander";

import { wholeNumber } from "../arguments.ts";
import { printFacts, printJson, type Io } from "../io.ts";
import { openService } from "../service.ts";
import { uploadInteractions, type Columns } from "./upload.ts";

/** `signalpath import interactions <file>` */
export function importCommand(program: Command, io: Io): void {
  program
    .command("import")
    .description("data to train on")
    .command("interactions")
    .description("upload interactions; bad rows are named and nothing is stored")
    .argument("<path>", "csv, tsv, json or jsonl (.gz too), or a MovieLens folder")
    .option("--project <id>", "project", wholeNumber(1))
    .option("--user-column <name>", "column of user ids")
    .option("--item-column <name>", "column of item ids")
    .option("--weight-column <name>", "column of weights")
    .option("--time-column <name>", "column of times")
    .action(async (path: string, flags: Columns & { project?: number }, command: Command) => {
      const { client, settings, json } = await openService(io, command, "admin_key");
      const project = flags.project ?? settings.projectId;
      const data = await uploadInteractions(client, path, project, flags);
      if (json) return printJson(io, data);
      printFacts(io, [
        ["id", data.id],
        ["project", data.project],
        ["rows", data.rows],
        ["users", data.users],
        ["items", data.items],
        ["from", data.data_from ?? "-"],
        ["to", data.data_to ?? "-"],
      ]);
      io.err(`train on it: signalpath train --data ${data.id} --project ${data.project}\n`);
    });
}
