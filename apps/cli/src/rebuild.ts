import { rebuildResponse } from "@signalpath/contracts";
import type { Command } from "commander";

import { EXIT, usageError } from "./exit-codes.ts";
import { printFacts, printJson, type Io } from "./io.ts";
import { openService } from "./service.ts";

/** `signalpath rebuild --user ID... | --all` */
export function rebuildCommand(program: Command, io: Io, fail: (exitCode: number) => void): void {
  program
    .command("rebuild")
    .description("derive buffers and user models again from the archive")
    .option("--user <ids...>", "these users")
    .option("--all", "everybody of the project")
    .action(async (flags: { user?: string[]; all?: boolean }, command: Command) => {
      if ((flags.user === undefined) === (flags.all !== true)) {
        throw usageError("give either --user or --all");
      }
      const { client, json } = await openService(io, command, "admin_key");
      const answer = await client.call({
        method: "POST",
        path: "/api/rebuild",
        body: flags.user === undefined ? { all: true } : { user_ids: flags.user },
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
