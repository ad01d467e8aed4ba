import { deadLettersPage, replayResponse } from "@signalpath/contracts";
import type { Command } from "commander";

import { EXIT, usageError } from "./exit-codes.ts";
import { printJson, printTable, type Io } from "./io.ts";
import { wholeNumber } from "./arguments.ts";
import { openService } from "./service.ts";

/** Characters of a cause that fit a line of the table. */
const DETAIL_WIDTH = 60;

interface ListFlags {
  app?: string;
  code?: string;
  limit: number;
  cursor?: string;
  id?: string;
  whole?: true;
}

/** `signalpath dead-letters list | replay` */
export function deadLettersCommand(
  program: Command,
  io: Io,
  fail: (exitCode: number) => void,
): void {
  const letters = program.command("dead-letters").description("events that were refused");
  letters
    .command("list")
    .description("newest first")
    .option("--app <name>", "refused by this app")
    .option("--code <code>", "refused for this reason")
    .option("--limit <n>", "how many", wholeNumber(1), 50)
    .option("--cursor <cursor>", "go on behind a page")
    .option("--id <id>", "this one alone")
    .option("--whole", "with personal data, which --json shows; needs the admin key")
    .action(async (flags: ListFlags, command: Command) => {
      const kind = flags.whole === true ? "admin_key" : "api_key";
      const { client, json } = await openService(io, command, kind);
      const page = await client.call({
        method: "GET",
        path: "/api/dead-letters",
        query: { ...flags, whole: flags.whole === true ? "true" : undefined },
        response: deadLettersPage,
      });
      if (json) return printJson(io, page);
      printTable(
        io,
        ["id", "received", "app", "code", "detail", "replays"],
        page.dead_letters.map((letter) => [
          letter.id,
          letter.received_at,
          letter.app,
          letter.code,
          letter.detail.slice(0, DETAIL_WIDTH),
          letter.replays,
        ]),
      );
      if (page.next !== null) io.out(`more: --cursor ${page.next}\n`);
    });
  letters
    .command("replay")
    .description("judge dead letters again and publish those that pass")
    .argument("[ids...]", "ids of `dead-letters list`")
    .option("--code <code>", "all that were refused for this reason")
    .option("--dry-run", "judge, publish nothing")
    .action(async (ids: string[], flags: { code?: string; dryRun?: boolean }, command: Command) => {
      if (ids.length > 0 === (flags.code !== undefined)) {
        throw usageError("give either ids or --code");
      }
      const { client, json } = await openService(io, command, "api_key");
      const chosen = flags.code === undefined ? { ids } : { code: flags.code };
      const answer = await client.call({
        method: "POST",
        path: "/api/dead-letters/replay",
        body: { ...chosen, dry_run: flags.dryRun === true },
        response: replayResponse,
      });
      if (json) printJson(io, answer);
      else {
        printTable(
          io,
          ["id", "verdict", "code"],
          answer.results.map((result) => [result.id, result.verdict, result.code ?? ""]),
        );
        io.out(`${answer.replayed} of ${answer.results.length} replayed\n`);
      }
      const passed = (verdict: string) => verdict === "accepted" || verdict === "duplicate";
      if (!answer.results.every((result) => passed(result.verdict))) fail(EXIT.incomplete);
    });
}
