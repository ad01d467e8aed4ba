import { rebuildResponse } from "@signalpath/contracts";
import type { Command } from "commander";

import { EXIT, usageError } from "./exit-codes.ts";
import { printFacts, printJson, type Io } from "./io.ts";
import { openService } from "./service.ts";

interface RebuildFlags {
  user?: string[];
  all?: boolean;
  features?: boolean;
}

/** `signalpath rebuild --user ID... | --all`, `signalpath rebuild --features [--user ID...]` */
export function rebuildCommand(program: Command, io: Io, fail: (exitCode: number) => void): void {
  program
    .command("rebuild")
    .description("derive buffers, user models and profile features again from the archive")
    .option("--user <ids...>", "these users")
    .option("--all", "everybody of the project")
    .option("--features", "only profile features; of everybody unless --user says whose")
    .action(async (flags: RebuildFlags, command: Command) => {
      const everybody = flags.all === true || (flags.features === true && !flags.user);
      if ((flags.user === undefined) !== everybody) {
        throw usageError("give either --user or --all");
      }
      const { client, json } = await openService(io, command, "admin_key");
      const answer = await client.call({
        method: "POST",
        path: "/api/rebuild",
        body: {
          ...(flags.user === undefined ? { all: true } : { user_ids: flags.user }),
          ...(flags.features === true ? { features: true } : {}),
        },
        response: rebuildResponse,
      });
      if (json) printJson(io, answer);
      else {
        printFacts(io, [
          ["rebuilt", answer.rebuilt],
          ["without events", answer.unknown.length === 0 ? "none" : answer.unknown.join(", ")],
        ]);
      }
      if (answer.unknown.length > 0) fail(EXIT.incomplete);
    });
}
