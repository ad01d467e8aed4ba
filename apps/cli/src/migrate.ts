import { migrateServers } from "@signalpath/backends";
import { RefusedError, UnavailableError } from "@signalpath/ports";
import type { Command } from "commander";

import { CliError, EXIT, usageError } from "./exit-codes.ts";
import { printFacts, printJson, type Io } from "./io.ts";
import type { GlobalOptions } from "./settings.ts";

/** `signalpath migrate`: the one command that talks to the servers themselves. */
export function migrateCommand(program: Command, io: Io): void {
  program
    .command("migrate")
    .description("bring tables (DATABASE_URL) and streams (NATS_URL) up to date")
    .action(async (_flags: object, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const databaseUrl = io.env["DATABASE_URL"] || undefined;
      const gatewayRole = io.env["GATEWAY_DATABASE_ROLE"] || undefined;
      const natsUrl = io.env["NATS_URL"] || undefined;
      const nkeySeed = io.env["NATS_NKEY_SEED"] || undefined;
      if (databaseUrl === undefined && natsUrl === undefined) {
        throw usageError("nothing to migrate: set DATABASE_URL, NATS_URL or both");
      }
      const result = await migrateServers({
        ...(databaseUrl === undefined ? {} : { databaseUrl }),
        ...(gatewayRole === undefined ? {} : { gatewayRole }),
        ...(natsUrl === undefined ? {} : { natsUrl }),
        ...(nkeySeed === undefined ? {} : { nkeySeed }),
      }).catch((error: unknown) => {
        if (error instanceof RefusedError) {
          throw usageError(`GATEWAY_DATABASE_ROLE: ${error.message}`);
        }
        if (!(error instanceof UnavailableError)) throw error;
        const message = `${error.dependency}: ${error.message}`;
        throw new CliError("STORE_UNAVAILABLE", message, EXIT.unavailable, { cause: error });
      });
      if (json === true) return printJson(io, result);
      const { migrations, streams, gatewayRole: granted } = result;
      printFacts(io, [
        ["tables", migrations === undefined ? "not asked for (DATABASE_URL)" : applied(migrations)],
        ...(granted === undefined ? [] : [["gateway", `${granted} may read its tables`] as const]),
        ["streams", streams === undefined ? "not asked for (NATS_URL)" : "as they should be"],
      ]);
    });
}

function applied(migrations: number): string {
  return migrations === 0 ? "up to date" : `${migrations} migrations applied`;
}
