import { eraseResponse } from "@signalpath/contracts";
import type { Command } from "commander";

import { EXIT } from "./exit-codes.ts";
import { confirm, printFacts, printJson, type Io } from "./io.ts";
import { openService } from "./service.ts";

/** `signalpath erase <user>` */
export function eraseCommand(program: Command, io: Io, fail: (exitCode: number) => void): void {
  program
    .command("erase")
    .description("remove a person everywhere; cannot be undone, may be repeated")
    .argument("<user>", "user id")
    .option("--yes", "do not ask")
    .action(async (user: string, flags: { yes?: boolean }, command: Command) => {
      const { client, json } = await openService(io, command, "admin_key");
      const sure = flags.yes === true || (await confirm(io, `Erase ${user} for good?`));
      if (!sure) {
        io.err("nothing was erased\n");
        return fail(EXIT.incomplete);
      }
      const receipt = await client.call({
        method: "DELETE",
        path: `/api/users/${encodeURIComponent(user)}`,
        response: eraseResponse,
      });
      const found = Object.values(receipt.removed).some((count) => count > 0);
      if (!found) fail(EXIT.incomplete);
      if (json) return printJson(io, receipt);
      if (!found) io.err("nobody of this id was known; what still arrives for it dies\n");
      printFacts(io, [
        ["user", receipt.user_id],
        ["erased at", receipt.erased_at],
        ...Object.entries(receipt.removed),
        ["bus forgets at", receipt.bus_forgets_at],
      ]);
    });
}
