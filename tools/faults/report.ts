import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

import { requireBinary } from "@signalpath/real-servers/binaries.ts";

import { CASE_NAMES } from "./cases.ts";
import type { Row } from "./under-load.ts";

const PAGE = fileURLToPath(new URL("../../docs/reliability.md", import.meta.url));
const BEGIN = "<!-- faults:begin -->";
const END = "<!-- faults:end -->";
const HEADER = [
  "| case | seed | events | accepted | unknown | lost | counted twice | models wrong | outage s | catch-up s | redelivered % | broken promises |",
  "|---|---|---|---|---|---|---|---|---|---|---|---|",
];

export function rowText(row: Row): string {
  const figures = `${row.events} events, ${row.accepted} accepted, ${row.unknown} unknown, lost ${row.lost}, counted twice ${row.twice}, models wrong ${row.modelsWrong} of ${row.people}`;
  const times = `outage ${row.outageS.toFixed(1)} s, catch-up ${row.catchUpS.toFixed(1)} s, redelivered ${row.redeliveredPercent?.toFixed(1) ?? "-"} %`;
  return `${row.name}: ${figures}; ${times}; ${row.notes.join("; ")}`;
}

/** Puts rows into the table of docs/reliability.md; rows of other cases and seeds stay. */
export async function writeReport(rows: readonly Row[]): Promise<void> {
  const page = await readFile(PAGE, "utf8");
  const day = new Date().toISOString().slice(0, 10);
  const about = `Last written by \`pnpm faults --write\` on ${day}, ${versions()}.`;
  await writeFile(PAGE, withRows(page, rows, about));
}

/**
 * The page with these rows in its table: each replaces the row of its case and seed, the others
 * stay, rows of cases that are no more go. In the order of seeds, then of cases.
 */
export function withRows(page: string, rows: readonly Row[], about: string): string {
  const [head, rest] = page.split(BEGIN);
  const [table, tail] = rest?.split(END) ?? [];
  if (head === undefined || table === undefined || tail === undefined) {
    throw new Error("no marks in docs/reliability.md");
  }
  const lines = new Map<string, string>();
  const place = (seed: number, name: string): string => `${seed} ${name}`;
  for (const line of table.split("\n")) {
    const [, name = "", seed = ""] = line.split("|").map((cell) => cell.trim());
    if (/^\d+$/.test(seed)) lines.set(place(Number(seed), name), line);
  }
  for (const row of rows) lines.set(place(row.seed, row.name), lineOf(row));
  const seeds = [...lines.keys()].map((key) => Number(key.split(" ", 1)[0]));
  const ordered = [...new Set(seeds)]
    .sort((one, other) => one - other)
    .flatMap((seed) => CASE_NAMES.map((name) => lines.get(place(seed, name)) ?? []))
    .flat();
  const text = [about, "", ...HEADER, ...ordered].join("\n");
  return `${head}${BEGIN}\n\n${text}\n\n${END}${tail}`;
}

/** Of what ran, as the programs say it themselves. */
function versions(): string {
  const servers = ["nats-server", "redis-server", "postgres"].map((name) => {
    const said = spawnSync(requireBinary(name), ["--version"], { encoding: "utf8" });
    return `${name} ${/\d+\.\d+(?:\.\d+)?/.exec(said.stdout + said.stderr)?.[0]}`;
  });
  return [...servers, `Node ${process.versions.node}`, `${cpus().length} cores`].join(", ");
}

function lineOf(row: Row): string {
  const cells = [
    row.name,
    row.seed,
    row.events,
    row.accepted,
    row.unknown,
    row.lost,
    row.twice,
    `${row.modelsWrong} of ${row.people}`,
    row.outageS.toFixed(1),
    row.catchUpS.toFixed(1),
    row.redeliveredPercent?.toFixed(1) ?? "-",
    row.violations.length,
  ];
  return `| ${cells.join(" | ")} |`;
}
