import { Command, CommanderError } from "commander";

import { contentCommand } from "./content/command.ts";
import { deadLettersCommand } from "./dead-letters.ts";
import { doctorCommand } from "./doctor.ts";
import { eraseCommand } from "./erase.ts";
import { evaluateCommand } from "./evaluate/command.ts";
import { synthesizeCommand } from "./evaluate/synthesize-command.ts";
import { CliError, EXIT } from "./exit-codes.ts";
import { printJson, type Io } from "./io.ts";
import { keysCommand } from "./keys.ts";
import { learningCommand } from "./learning/command.ts";
import { migrateCommand } from "./migrate.ts";
import { rebuildCommand } from "./rebuild.ts";
import { modelsCommand } from "./models/command.ts";
import { replayCommand } from "./replay/command.ts";
import { slotsCommand } from "./slots.ts";
import { printable } from "./terminal-text.ts";
import { importCommand } from "./training/import-command.ts";
import { trainCommand } from "./training/train-command.ts";

/**
 * Runs one command line.
 * @param argv arguments behind the program's name.
 * @returns the exit code (see `EXIT`); everything for people went to `io`.
 */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT.ok;
  const fail = (code: number) => {
    exitCode = code;
  };
  const program = new Command("signalpath")
    .description("operate Signalpath from a terminal")
    .option("--url <url>", "service; else SIGNALPATH_URL, else <data dir>/credentials.json")
    .option("--key <key>", "key; else SIGNALPATH_KEY, else <data dir>/credentials.json")
    .option(
      "--data-dir <dir>",
      "data dir of a standalone; else SIGNALPATH_DATA_DIR, else .signalpath",
    )
    .option("--json", "answer as JSON")
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      // In JSON it is said at the end, once.
      outputError: (text, write) => {
        if (!argv.includes("--json")) write(text.replace(/^error: /, "USAGE: "));
      },
    })
    .showHelpAfterError("(--help shows what is possible)");
  replayCommand(program, io, fail);
  rebuildCommand(program, io, fail);
  contentCommand(program, io);
  deadLettersCommand(program, io, fail);
  keysCommand(program, io);
  eraseCommand(program, io, fail);
  importCommand(program, io);
  trainCommand(program, io, fail);
  evaluateCommand(program, io);
  synthesizeCommand(program, io);
  modelsCommand(program, io);
  slotsCommand(program, io);
  learningCommand(program, io);
  migrateCommand(program, io);
  doctorCommand(program, io, fail);
  for (const command of program.commands) inherit(command);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return answerError(error, io, argv.includes("--json"));
  }
}

/** Global options may stand behind the command too; errors are thrown, not exits. */
function inherit(command: Command): void {
  command.exitOverride();
  if (command.commands.length === 0) {
    command
      .option("--url <url>", "service")
      .option("--key <key>", "key")
      .option("--data-dir <dir>", "data dir of a standalone")
      .option("--json", "answer as JSON");
  }
  for (const inner of command.commands) inherit(inner);
}

function answerError(error: unknown, io: Io, json: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    const detail = error.message.replace(/^error: /, "");
    if (json) printJson(io, { code: "USAGE", detail });
    return EXIT.usage;
  }
  if (!(error instanceof CliError)) {
    io.err(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    if (json) printJson(io, { code: "INTERNAL", detail: "an internal error; stderr says more" });
    return EXIT.incomplete;
  }
  if (json) printJson(io, { ...error.details, code: error.code, detail: error.message });
  else io.err(`${error.code}: ${printable(error.message)}\n`);
  return error.exitCode;
}
