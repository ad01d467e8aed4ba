import { SingleBar } from "cli-progress";
import type { Command } from "commander";

import { printFacts, printJson, type Io } from "../io.ts";
import { readSettings, type GlobalOptions } from "../settings.ts";
import { putContent } from "./put.ts";
import { readItems } from "./read-items.ts";

const GIVE_UP_MS = 60_000;

/** `signalpath content import <file>` */
export function contentCommand(program: Command, io: Io): void {
  program
    .command("content")
    .description("the catalogue")
    .command("import")
    .description("write items into the catalogue; equal items are left alone")
    .argument("<file>", ".json, .ndjson, .jsonl or .csv")
    .option("--derive-vectors", "give items without a vector one made from tags and words")
    .action(async (file: string, flags: { deriveVectors?: boolean }, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      const settings = await readSettings(io, globals);
      const items = await readItems(file, { deriveVectors: flags.deriveVectors === true });
      const watch = io.interactive && globals.json !== true;
      const bar = new SingleBar({ format: "{bar} {value}/{total}", stream: process.stderr });
      if (watch) bar.start(items.length, 0);
      try {
        const result = await putContent(io, settings, items, GIVE_UP_MS, (done) => {
          if (watch) bar.update(done);
        });
        bar.stop();
        if (globals.json === true) return printJson(io, { items: items.length, ...result });
        printFacts(io, [
          ["items", items.length],
          ["imported", result.upserted],
          ["unchanged", result.unchanged],
          ["catalogue version", result.version],
        ]);
      } finally {
        bar.stop();
      }
    });
}
