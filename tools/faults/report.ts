import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

import { requireBinary } from "@signalpath/real-servers/binaries.ts";

import type { Row } from "./under-load.ts";

const PAGE = fileURLToPath(new URL("../../docs/reliability.md", import.meta.url));
const BEGIN = "<!-- faults:begin -->";
const END = "<!-- faults:end -->";

export function rowText(row: Row): string {
  const figures = `${row.events} events, ${row.accepted} accepted, ${row.unknown} unknown, lost ${row.lost}, counted twice ${row.twice}, models wrong ${row.modelsWrong} of ${row.people}`;
  const times = `outage ${row.outageS.toFixed(1)} s, catch-up ${row.catchUpS.toFixed(1)} s, redelivered ${row.redeliveredPercent?.toFixed(1) ?? "-"} %`;
  return `${row.name}: ${figures}; ${times}; ${row.notes.join("; ")}`;
}

/** Replaces the table between the marks of docs/reliability.md. */
export async function writeReport(rows: readonly Row[]): Promise<void> {
  const page = await readFile(PAGE, "utf8");
  const [head, rest] = page.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (head === undefined || tail === undefined) throw new Error("no marks in docs/reliability.md");
  await writeFile(PAGE, `${head}${BEGIN}\n\n${tableOf(rows)}\n\n${END}${tail}`);
}

function tableOf(rows: readonly Row[]): string {
  const seeds = [...new Set(rows.map(({ seed }) => seed))];
  const day = new Date().toISOString().slice(0, 10);
  return [
    `Written by \`pnpm faults --write\` on ${day}: seeds ${seeds.join(", ")}, ${versions()}.`,
    "",
    "| case | seed | events | accepted | unknown | lost | counted twice | models wrong | outage s | catch-up s | redelivered % | broken promises |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ...rows.map(lineOf),
  ].join("\n");
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
