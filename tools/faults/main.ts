// Real faults on real processes. `--seed N[,N]` replays, `--only a,b` picks cases, `--short` is what
// the suite runs, `--write` puts each row into the table of docs/reliability.md as soon as it is there,
// `--rows file` the rows into a file as JSON. Exit code 1 = a promise broke.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import { CASE_NAMES, runCases } from "./cases.ts";
import { rowText, writeReport } from "./report.ts";
import type { Row } from "./under-load.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    short: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    rows: { type: "string" },
  },
});
const seeds = values.seed.split(",").map(Number);
if (!seeds.every((seed) => Number.isInteger(seed))) throw new Error(`--seed ${values.seed}`);
const names = values.only?.split(",") ?? CASE_NAMES;
const rows: Row[] = [];
for (const seed of seeds) {
  console.log(`seed ${seed}: ${names.join(", ")}`);
  const scale = values.short && !values.long ? 0.25 : 1;
  for await (const row of runCases({ seed, names, scale })) {
    rows.push(row);
    if (values.rows !== undefined) await writeFile(values.rows, JSON.stringify(rows));
    if (values.write) await writeReport([row]);
    console.log(rowText(row));
    for (const violation of row.violations) console.log(`  BROKEN ${violation}`);
  }
}
// Not left to the end of the event loop: Node 20 spins when it tears down sockets that were reset.
process.exit(rows.some((row) => row.violations.length > 0) ? 1 : 0);
